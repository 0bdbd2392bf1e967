import { open } from 'node:fs';
import { promisify } from 'node:util';

const opened = promisify(open);

/**
 * Makes a file where none is and gives its descriptor. Making one may wait for the disk, which reading and writing a
 * small one does not: so this is asked of a thread, and the rest is fastest by synchronous calls.
 */
export const createFile = (path: string, mode: number): Promise<number> => opened(path, 'wx', mode);
