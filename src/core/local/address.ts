import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const ENDING = '.sock';

/** Where the backend of a build is reached: a unix socket in the runtime folder, a named pipe on Windows. */
export function publicAddress(runtime: string, build: string): string {
  if (process.platform !== 'win32') return join(runtime, build + ENDING);
  const user = createHash('sha256').update(runtime.toLowerCase()).digest('hex').slice(0, 16);
  return `\\\\.\\pipe\\offload-${user}-${build}`;
}

/** The other builds that have, or had, a backend here. */
export async function otherBuilds(runtime: string, build: string): Promise<string[]> {
  const names = await readdir(runtime).catch(() => []);
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .filter((other) => other !== build);
}

/** Orders builds by their package version: negative when `a` is older. The content's hash has no order. */
export function compareBuilds(a: string, b: string): number {
  const numbers = (build: string): number[] => (build.split('-')[0] ?? '').split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
