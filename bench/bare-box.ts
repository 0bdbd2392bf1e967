import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../backend/src/isolation/find-program.ts';
import type { Bench } from './row.ts';
import { PLAIN_ENVIRONMENT } from './python.ts';
import type { Command } from './plain-process.ts';

/**
 * A program in the plainest box that isolates: namespaces of its own, /usr read-only, a workspace. No limits, no
 * filter, no user of its own.
 */
export function bareBox({ folder }: Bench, program: readonly string[]): Command {
  const workspace = join(folder, 'bare-workspace');
  mkdirSync(workspace, { recursive: true });
  const args = [
    ...['--unshare-all', '--die-with-parent'],
    ...['--ro-bind', '/usr', '/usr', '--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib'],
    ...['--symlink', 'usr/lib64', '/lib64', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--bind', workspace, '/workspace', '--chdir', '/workspace'],
    ...program,
  ];
  return { file: findProgram('bwrap') ?? 'bwrap', args, cwd: workspace, env: PLAIN_ENVIRONMENT };
}
