import { OffloadError } from '../../../src/protocol/error.ts';
import { MAX_CODE_BYTES, type RunRequest } from '../../../src/protocol/request.ts';

/** Bytes of the longest argument or variable: Linux's MAX_ARG_STRLEN, less the NUL at its end. */
const MAX_STRING_BYTES = 128 * 1024 - 1;
/** Bytes of all of them, well below what execve(2) takes with a usual stack. */
const MAX_STRINGS_BYTES = 1024 * 1024;

/** @throws OffloadError `too-large` for code, or for arguments and variables, that no program is started with */
export function checkSizes({ code, args, env }: RunRequest): void {
  if (Buffer.byteLength(code ?? '') > MAX_CODE_BYTES) {
    throw new OffloadError(
      'too-large',
      `The code takes more than ${String(MAX_CODE_BYTES / 1024 ** 2)} MB.`,
      {
        fix: 'Run less at once, or read the data from a smaller file.',
      },
    );
  }
  const strings = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const sizes = strings.map((text) => Buffer.byteLength(text));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= MAX_STRINGS_BYTES && sizes.every((size) => size <= MAX_STRING_BYTES)) return;
  throw new OffloadError(
    'too-large',
    'The arguments and variables are more than a program can be started with.',
    { fix: 'Give the data on standard input or in a file: one may have 128 kB, all together 1 MB.' },
  );
}
