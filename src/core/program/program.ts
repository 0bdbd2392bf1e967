import { randomBytes } from 'node:crypto';
import type { Content } from '../../protocol/content.ts';
import type { SessionCredentials } from '../../protocol/credentials.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Language } from '../../protocol/languages.ts';
import type { RequestedLimits } from '../../protocol/limits.ts';
import type { Network } from '../../protocol/network.ts';
import {
  MAX_CODE_BYTES,
  MAX_REQUEST_BYTES,
  type InputFile,
  type RunRequest,
} from '../../protocol/request.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** What a user wants to run, before it is a request. */
export interface Program {
  language: Language;
  /** The path that is run, from the workspace's root, with `/`. */
  entry: string;
  /** The text of a selection; absent where the entry is one of `files`. */
  code?: string;
  files?: InputFile[];
  args?: string[];
  stdin?: Content;
  env?: Record<string, string>;
  interpreter?: string;
  /** Whether the interpreter is the user's choice or the first on PATH; see the protocol's request. */
  interpreterFrom?: NonNullable<RunRequest['interpreterFrom']>;
  limits?: RequestedLimits;
  network?: Network;
  /** What it has of AWS. */
  credentials?: SessionCredentials | undefined;
  title: string;
}

/** A fresh id for a run. */
export const newRunId = (): string => `r_${randomBytes(16).toString('hex')}`;

/**
 * The request that runs a program, with a fresh id.
 * @throws OffloadError `bad-request` where there is nothing to run, `too-large` where there is too much.
 */
export function runRequest(program: Program): RunRequest {
  const { code, files = [] } = program;
  if (code?.trim() === '') {
    throw new OffloadError('bad-request', 'There is no code to run: the selection is empty.', {
      fix: 'Select the code that should run, or run the whole file.',
    });
  }
  checkSize('The code', code === undefined ? 0 : Buffer.byteLength(code), MAX_CODE_BYTES);
  const entry = files.find((file) => file.path === program.entry);
  checkSize(program.entry, entry === undefined ? 0 : contentSize(entry.content), MAX_CODE_BYTES);
  const total = files.reduce((sum, file) => sum + encodedSize(file.content), encodedSize(program.stdin));
  checkSize('The files and the input', total, MAX_REQUEST_BYTES - MAX_CODE_BYTES);
  return {
    kind: 'run',
    version: PROTOCOL_VERSION,
    runId: newRunId(),
    language: program.language.id,
    entry: program.entry,
    ...(code === undefined ? {} : { code }),
    files,
    args: program.args ?? [],
    ...(program.stdin === undefined ? {} : { stdin: program.stdin }),
    env: program.env ?? {},
    ...(program.interpreter === undefined ? {} : { interpreter: program.interpreter }),
    ...(program.interpreterFrom === undefined ? {} : { interpreterFrom: program.interpreterFrom }),
    limits: program.limits ?? {},
    network: program.network ?? 'closed',
    ...(program.credentials === undefined ? {} : { credentials: program.credentials }),
    title: program.title.slice(0, 200),
  };
}

function checkSize(what: string, bytes: number, max: number): void {
  if (bytes <= max) return;
  const [size, limit] = [bytes, max].map((n) => `${String(Math.ceil(n / (1024 * 1024)))} MB`);
  throw new OffloadError('too-large', `${what} takes ${String(size)}; ${String(limit)} can be sent.`, {
    fix: 'Run less at once, or read the data from a smaller file.',
  });
}

const contentSize = (content: Content): number =>
  'text' in content ? Buffer.byteLength(content.text) : Math.floor((content.base64.length * 3) / 4);

const encodedSize = (content: Content | undefined): number => {
  if (content === undefined) return 0;
  return 'text' in content ? Buffer.byteLength(content.text) : content.base64.length;
};
