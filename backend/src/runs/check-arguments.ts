import { OffloadError } from '../../../src/protocol/error.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';

/** Bytes of the longest argument or variable: Linux's MAX_ARG_STRLEN, less the NUL at its end. */
const MAX_STRING_BYTES = 128 * 1024 - 1;
/** Bytes of all of them, well below what execve(2) takes with a usual stack. */
const MAX_TOTAL_BYTES = 1024 * 1024;

/** @throws OffloadError `too-large` for arguments and variables that no program can be started with */
export function checkArguments({ args, env }: RunRequest): void {
  const sizes = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].map((text) =>
    Buffer.byteLength(text),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= MAX_TOTAL_BYTES && sizes.every((size) => size <= MAX_STRING_BYTES)) return;
  throw new OffloadError('too-large', 'The arguments and variables are more than a program can be started with.', {
    fix: 'Give the data on standard input or in a file: one of them may have 128 kB, all together 1 MB.',
  });
}
