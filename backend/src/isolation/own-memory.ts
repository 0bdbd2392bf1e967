import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Prints what of the process above it a program can open. Linux lets no other process of the same user see these of one
 * whose program file that user may run and not read; ptrace and `/proc/<pid>/fd` go the same way. See ptrace(2), "Ptrace
 * access mode checking", and prctl(2), PR_SET_DUMPABLE.
 */
export const LOOK =
  'for name in mem environ; do (: < "/proc/$PPID/$name") 2>/dev/null && echo "$name"; done; exit 0';

let looked: Promise<string[]> | undefined;

/** What programs that this process starts, as the user that it is, can open of it: `mem`, `environ`. Looked for once. */
export function openToPrograms(): Promise<string[]> {
  looked ??= promisify(execFile)('/bin/sh', ['-c', LOOK], { env: {} }).then(({ stdout }) => {
    const open = stdout.split('\n').filter((name) => name !== '');
    if (open.length > 0) console.error(`programs can open of this process: ${open.join(', ')}`);
    return open;
  });
  // What could not be looked for is looked for again.
  looked.catch(() => (looked = undefined));
  return looked;
}
