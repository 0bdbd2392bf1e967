import { OffloadError } from '../../../src/protocol/error.ts';
import { systemCode } from '../disk-full.ts';
import { TooDeep } from './walk.ts';

/** What is wrong with a request where one of its files cannot be written; the file system's own error otherwise. */
export function unwritable(path: string, cause: unknown): unknown {
  const code = systemCode(cause);
  if (cause instanceof TooDeep || code === 'ENAMETOOLONG')
    return new OffloadError('bad-request', `The path of a file is too long: ${path}.`, { cause });
  if (code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR')
    return new OffloadError('bad-request', `Two of the files cannot both be written: ${path}.`, { cause });
  return cause;
}
