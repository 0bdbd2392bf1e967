import { OffloadError } from '../../src/protocol/error.ts';

/** The file system's code of an error, where it has one. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

/** What a full disk or a used-up quota says to people; any other error as it is. */
export function unlessDiskFull(thrown: unknown, folder: string): unknown {
  const code = systemCode(thrown);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown;
  return new OffloadError('internal', `There is no room left on the disk that holds ${folder}.`, {
    fix: 'Make room there and try again.',
    cause: thrown,
  });
}
