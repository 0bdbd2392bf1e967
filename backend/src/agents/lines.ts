import type { Readable } from 'node:stream';
import { OffloadError } from '../../../src/protocol/error.ts';

/** Bytes of a line at most: an agent may tell a file of some megabytes in one. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/**
 * The lines that an agent writes; the last one may lack its end. Bytes that are not UTF-8 are replaced.
 * @throws OffloadError `agent-failed` for a line without an end
 */
export async function* agentLines(
  stdout: Readable,
  maxBytes = MAX_LINE_BYTES,
): AsyncGenerator<string, void, undefined> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      held.push(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(held).toString('utf8');
      [held, bytes] = [[], 0];
      yield line;
    }
    if (from < chunk.length) held.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > maxBytes) {
      const size = `${String(Math.floor(maxBytes / 1024 ** 2))} MB`;
      throw new OffloadError('agent-failed', `The agent wrote a line of more than ${size}.`);
    }
  }
  if (held.length > 0) yield Buffer.concat(held).toString('utf8');
}
