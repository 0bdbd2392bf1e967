import { OffloadError } from './error.ts';

/** Bytes of the longest frame that a reader takes. Writers stay far below: output and blobs travel in parts. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;

/** Raw bytes in one `output` or `blob` frame at most. */
export const MAX_PART_BYTES = 128 * 1024;

/** One frame: a JSON object and a line feed. */
export const encodeFrame = (frame: object): string => JSON.stringify(frame) + '\n';

/** Bytes that a reader has room for at first. */
const FIRST_ROOM = 64 * 1024;

/**
 * Cuts a stream of bytes into frames, wherever the transport cut the lines.
 * @throws OffloadError `bad-frame` for a line that is too long, is not UTF-8 JSON, is not an object, or has no end.
 */
export async function* decodeFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<object, void, undefined> {
  // The beginning of a line whose end has not come: copied into one buffer that is used over and over.
  let held = Buffer.allocUnsafeSlow(FIRST_ROOM);
  let length = 0;
  const hold = (bytes: Uint8Array): void => {
    if (length + bytes.length > MAX_FRAME_BYTES) {
      throw new OffloadError('bad-frame', 'The backend sent a line without an end.');
    }
    if (length + bytes.length > held.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (length + bytes.length));
      held.copy(larger, 0, 0, length);
      held = larger;
    }
    held.set(bytes, length);
    length += bytes.length;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      const tail = chunk.subarray(from, end);
      from = end + 1;
      if (length === 0) yield parseFrame(tail);
      else {
        hold(tail);
        const line = held.subarray(0, length);
        length = 0;
        yield parseFrame(line);
      }
    }
    if (from < chunk.length) hold(chunk.subarray(from));
  }
  if (length > 0) throw new OffloadError('bad-frame', 'The stream ended in the middle of a line.');
}

function parseFrame(line: Uint8Array): object {
  let frame: unknown;
  try {
    frame = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
  } catch (cause) {
    throw new OffloadError('bad-frame', 'The backend sent a line that is not JSON.', { cause });
  }
  if (typeof frame !== 'object' || frame === null) {
    throw new OffloadError('bad-frame', 'The backend sent a line that is not an object.');
  }
  return frame;
}
