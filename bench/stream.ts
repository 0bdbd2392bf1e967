/** Bytes that the programs of the streaming rows write. */
export const STREAM_BYTES = 100 * 1024 * 1024;

/** The output limit that lets it all through. */
export const STREAM_LIMITS = { outputBytes: 2 * STREAM_BYTES };

const BLOCK_BYTES = 64 * 1024;
const LINE = `${'x'.repeat(79)}\n`;
const BLOCKS = STREAM_BYTES / BLOCK_BYTES;
/** Enough lines for a block. */
const LINES = Math.ceil(BLOCK_BYTES / LINE.length);

/** Lines of text in blocks, each of which begins with its number, so that nothing lost or moved goes unseen. */
export const STREAM_CODE = `
import sys
block = ${JSON.stringify(LINE)}.encode() * ${String(LINES)}
for number in range(${String(BLOCKS)}):
    sys.stdout.buffer.write((b'%015d\\n' % number + block)[:${String(BLOCK_BYTES)}])
`;

/** The same, block by block. */
export function* streamBlocks(): Generator<string, void, undefined> {
  const block = LINE.repeat(LINES);
  for (let number = 0; number < BLOCKS; number++) {
    yield `${String(number).padStart(15, '0')}\n${block}`.slice(0, BLOCK_BYTES);
  }
}
