import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Bytes that are hashed, read or written between two looks at the signal. */
export const STEP_BYTES = 1024 * 1024;

/** SHA-256 in lower-case hexadecimal, in steps that leave the event loop free. Throws the signal's reason. */
export async function sha256(content: Uint8Array, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < content.length; start += STEP_BYTES) {
    signal?.throwIfAborted();
    hash.update(content.subarray(start, start + STEP_BYTES));
    await setImmediate();
  }
  return hash.digest('hex');
}
