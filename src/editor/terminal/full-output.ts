import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { follow } from '../../core/run/follow.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { EscapeFilter } from './escape-filter.ts';
import { outputText } from './program-text.ts';

/** Colours and what else draws, which a text file has no use for. */
// eslint-disable-next-line no-control-regex
const DRAWING = /\x1b(?:\[[0-9;:?]*[@-~]|\]8;[^\x1b]*\x1b\\|[78])|[\b]/g;

/** Milliseconds that such a file is kept. */
const KEPT = 24 * 3600 * 1000;

/**
 * Writes the output of a run, as its journal has it, to a text file and opens that.
 * @param until the last event that counts, for a run that goes on; else all of them
 */
export async function openFullOutput(
  sandbox: Sandbox,
  { runId, until }: { runId: string; until: number | undefined },
  folder: string,
): Promise<void> {
  const path = join(folder, `${runId}.txt`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOld(folder);
  const partial = `${path}.${randomUUID()}.tmp`;
  const file = await open(partial, 'w', 0o600);
  const filters = { stdout: new EscapeFilter(), stderr: new EscapeFilter() };
  try {
    for await (const event of follow(sandbox, { runId, after: 0 })) {
      if (event.type === 'output') {
        await file.write(filters[event.stream].push(outputText(event)).replace(DRAWING, ''));
      }
      if (event.seq === until) break;
    }
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > KEPT) await rm(path, { force: true });
  }
}
