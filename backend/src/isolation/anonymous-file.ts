import { randomBytes } from 'node:crypto';
import { openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A file without a name, read from its start by whoever inherits the descriptor: how options reach a program without
 * standing in its arguments, which everyone on the host can read.
 * @returns its descriptor, closed by the caller
 */
export function anonymousFile(folder: string, content: string | Buffer): number {
  const path = join(folder, `.${randomBytes(8).toString('hex')}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  const bytes = Buffer.from(content as string);
  // A positioned write leaves the descriptor's own position at the start.
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at, at);
  return fd;
}
