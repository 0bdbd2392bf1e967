import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What an agent does when it has got its prompt and has made the file `made.txt`. */
export type Behaviour =
  /** Writes 1 GB without the end of a line. */
  | 'endless line'
  /** Writes 1 GB of lines that are no messages, and ends its turn well. */
  | 'noise'
  /** Says 1 GB. */
  | 'endless talk'
  /** Says nothing, and does not end when its input does. */
  | 'silence'
  /** Ends in the middle of a tool, with exit code 7. */
  | 'crash'
  /** Ends with exit code 0, and has written what is no JSON. */
  | 'no JSON'
  /** Ends its turn well, though it was permitted no tool. */
  | 'refusal';

/** Makes the program of an agent that behaves as its last argument says; gives its path in `folder`. */
export async function streamAgent(folder: string): Promise<string> {
  const program = join(folder, 'stream-agent.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('stream-agent.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: '#!/usr/bin/env node' },
  });
  chmodSync(program, 0o755);
  return program;
}
