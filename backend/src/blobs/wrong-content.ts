import { OffloadError } from '../../../src/protocol/error.ts';

/** What is put is not what it is called. */
export const wrongContent = (hash: string) =>
  new OffloadError('bad-request', `What was sent as blob ${hash} has another hash.`, {
    fix: 'The file may have changed while it was sent: send it again.',
  });
