import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { follow } from '../../core/run/follow.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import type { WrittenPart } from '../../protocol/chat.ts';
import { sha256 } from '../sha256.ts';
import { WrittenText } from './written-text.ts';

/** Milliseconds that such a file is kept. */
const KEPT = 24 * 3600 * 1000;

export interface Written {
  runId: string;
  /** The last event that counts, for a run that goes on; else all of them. */
  until: number | undefined;
  /** Whose text it is; of all programs where it is left out. */
  part?: WrittenPart;
}

/** Writes what was written in a run, as its journal has it, to a text file and opens that. */
export async function openWritten(
  sandbox: Sandbox,
  { runId, until, part }: Written,
  folder: string,
): Promise<void> {
  const path = join(folder, `${runId}${part === undefined ? '' : `-${nameOf(part)}`}.txt`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOld(folder);
  const partial = `${path}.${randomUUID()}.tmp`;
  const file = await open(partial, 'w', 0o600);
  const text = new WrittenText(part);
  try {
    // Of a run that has only just begun there is nothing yet to wait for.
    const events = until === 0 ? [] : follow(sandbox, { runId, after: 0 });
    for await (const event of events) {
      await file.write(text.take(event));
      if (until !== undefined && event.seq >= until) break;
    }
    await file.write(text.end());
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: false });
}

/** Names in a run are the agent's: none of them becomes a part of a path. */
const nameOf = (part: WrittenPart): string => sha256(Buffer.from(JSON.stringify(part))).slice(0, 12);

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > KEPT) await rm(path, { force: true });
  }
}
