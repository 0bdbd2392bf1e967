import assert from 'node:assert/strict';
import { decodeFrames, encodeFrame, MAX_FRAME_BYTES } from '../../../src/protocol/frame.ts';

/** What comes out of pieces that come in. */
async function decode(...pieces: (string | Uint8Array)[]): Promise<object[]> {
  const chunks = pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
  const frames: object[] = [];
  for await (const frame of decodeFrames(stream(chunks))) frames.push(frame);
  return frames;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous by its type
async function* stream(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('frames', () => {
  const frames = [{ a: 'ü€😀\n"\\' }, {}, { b: [1, null, { c: '\u0000\u2028' }] }];
  const bytes = Buffer.from(frames.map(encodeFrame).join(''));

  it('take one line each, whatever they hold', () => {
    for (const frame of frames) assert.equal(encodeFrame(frame).indexOf('\n'), encodeFrame(frame).length - 1);
  });

  it('are whole again wherever the bytes are cut in two', async () => {
    for (let cut = 0; cut <= bytes.length; cut++)
      assert.deepEqual(await decode(bytes.subarray(0, cut), bytes.subarray(cut)), frames);
  });

  it('are whole again from pieces of any one size', async () => {
    for (let size = 1; size <= 20; size++) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      assert.deepEqual(await decode(...pieces), frames);
    }
  });

  it('do not share memory with the pieces that they came in', async () => {
    const piece = Buffer.from('{"a":"first"}\n{"b":"sec');
    const reader = decodeFrames(stream([piece, Buffer.from('ond"}\n')]));
    const first = await reader.next();
    assert.deepEqual(first.value, { a: 'first' });
    assert.deepEqual((await reader.next()).value, { b: 'second' });
  });

  it('may be as long as the limit, and no longer', async () => {
    const longest = 'x'.repeat(MAX_FRAME_BYTES - 8);
    assert.deepEqual(await decode(`{"a":"${longest}"}`.slice(0, 1000), `{"a":"${longest}"}\n`.slice(1000)), [
      { a: longest },
    ]);
    await assert.rejects(decode('{"a":"', 'x'.repeat(MAX_FRAME_BYTES), '"}\n'), { code: 'bad-frame' });
    await assert.rejects(decode('x'.repeat(MAX_FRAME_BYTES), 'x'), { code: 'bad-frame' });
  });

  for (const [name, text] of [
    ['that is not JSON', 'nonsense\n'],
    ['that is empty', '\n'],
    ['that is a number', '1\n'],
    ['that is null', 'null\n'],
    ['that is a text', '"x"\n'],
    ['that is cut off', '{"a":1}\n{"a":'],
    ['without its end', '{"a":1}'],
  ] as const) {
    it(`are refused with a line ${name}, after what was good`, async () => {
      await assert.rejects(decode(text), { code: 'bad-frame' });
    });
  }

  it('before a bad one are given', async () => {
    const reader = decodeFrames(stream([Buffer.from('{"a":1}\nnonsense\n')]));
    assert.deepEqual((await reader.next()).value, { a: 1 });
    await assert.rejects(reader.next(), { code: 'bad-frame' });
  });
});
