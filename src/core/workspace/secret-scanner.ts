import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintCoreConfig } from '@secretlint/types';
import { OPEN_FILE } from '../changes/open-flags.ts';
import type { ScannedFile, ScanFinding, ScanResult } from './scanned-file.ts';

// The thread that looks for secrets: a program of its own, since its rules are large and slow beside all else. It is
// sent files and answers with what came of each.

// It would keep marks of every rule in every file.
secretLintProfiler.setEnabled(false);

const config: SecretLintCoreConfig = {
  rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }],
};

/** Bytes at the beginning in which a NUL tells that it is no text, as Git has it. */
const TEXT_TELLS = 8000;

parentPort?.on('message', (files: readonly ScannedFile[]) => {
  void Promise.all(files.map(scan)).then((results) => parentPort?.postMessage(results));
});

async function scan(file: ScannedFile): Promise<ScanResult> {
  const content = file.content === undefined ? read(file.place ?? '') : Buffer.from(file.content);
  if (content === undefined || hash('sha256', content, 'hex') !== file.hash) return 'changed';
  if (content.subarray(0, TEXT_TELLS).includes(0)) return [];
  const { messages } = await lintSource({
    source: {
      // Nothing but a name: no rule finds a file there to read.
      filePath: file.name,
      content: content.toString('utf8'),
      contentType: 'text',
      ext: extname(file.name) === '.json' ? '.json' : '',
    },
    options: { config, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.map((message): ScanFinding => ({
    line: message.loc.start.line,
    what: wordsOf(message.message),
  }));
}

/** "found GitHub Token: ****" is "GitHub Token": what comes after the colon is the secret, masked or not. */
const wordsOf = (message: string): string =>
  message
    .replace(/^found /, '')
    .replace(/[:(][^]*$/, '')
    .trim();

/** A plain file's content; undefined for what is there no more. */
function read(place: string): Buffer | undefined {
  try {
    const file = openSync(place, OPEN_FILE);
    try {
      return fstatSync(file).isFile() ? readFileSync(file) : undefined;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
