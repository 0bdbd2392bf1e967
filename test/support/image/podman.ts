import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { lockedDown } from './locked-down.ts';
import type { Engine, TestImage } from './test-image.ts';

const execute = promisify(execFile);

/** Runs a command of podman's to its end and gives what it prints, trimmed. Rejects with what it complains of. */
export async function podman([program, ...args]: Engine, ...command: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'] ?? '' };
  const { stdout } = await execute(program, [...args, ...command], { env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** What a shell's commands print in a container that is locked down as on Lambda; rejects where they fail. */
export async function inImage(
  { engine, runtime, image }: TestImage,
  script: string,
  options: { user?: string } = {},
): Promise<string> {
  const user = options.user === undefined ? [] : ['--user', options.user];
  const command = ['--network', 'none', '--env', 'HOME=/tmp', '--entrypoint', '/bin/bash', image];
  const args = [...lockedDown({ memoryMb: 1024 }), ...user, ...command, '-euo', 'pipefail', '-c', script];
  return podman(engine, '--runtime', runtime, 'run', '--rm', '--log-driver', 'none', ...args);
}
