import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { PartDecoder } from '../../../backend/src/runs/output-pump.ts';

type Part = { text: string } | { base64: string };

function decode(pieces: Uint8Array[]): Part[] {
  const decoder = new PartDecoder();
  const parts = pieces.map((piece) => decoder.decode(Buffer.from(piece)));
  return [...parts, decoder.flush()].filter((part) => part !== undefined);
}

const bytesOf = (parts: Part[]): Buffer =>
  Buffer.concat(
    parts.map((part) => ('text' in part ? Buffer.from(part.text) : Buffer.from(part.base64, 'base64'))),
  );

/** Numbers that look random and are the same every time (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function cutAnywhere(bytes: Buffer, random: (below: number) => number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + random(6));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

describe('output in parts', () => {
  const text = 'aü€😀z\u0000\u{10ffff}\ufeff\ud7ff';
  const bytes = Buffer.from(text);

  it('is text, wherever it is cut in two or in three', () => {
    for (let one = 0; one <= bytes.length; one++) {
      for (let two = one; two <= bytes.length; two++) {
        const parts = decode([bytes.subarray(0, one), bytes.subarray(one, two), bytes.subarray(two)]);
        assert.equal(parts.map((part) => ('text' in part ? part.text : '?')).join(''), text);
      }
    }
  });

  it('is given as soon as its characters are whole', () => {
    const decoder = new PartDecoder();
    assert.deepEqual(decoder.decode(Buffer.from('a')), { text: 'a' });
    assert.equal(decoder.decode(Buffer.from([0xe2])), undefined);
    assert.equal(decoder.decode(Buffer.from([0x82])), undefined);
    assert.deepEqual(decoder.decode(Buffer.from([0xac])), { text: '€' });
    assert.equal(decoder.flush(), undefined);
  });

  it('holds nothing back of what is not UTF-8', () => {
    const decoder = new PartDecoder();
    for (const byte of [0x80, 0xbf])
      assert.deepEqual(decoder.decode(Buffer.from([byte])), {
        base64: Buffer.from([byte]).toString('base64'),
      });
    assert.equal(decoder.decode(Buffer.from([0xc3])), undefined);
    assert.deepEqual(decoder.decode(Buffer.from('a')), {
      base64: Buffer.from([0xc3, 0x61]).toString('base64'),
    });
    assert.equal(decoder.decode(Buffer.from([0xf0, 0x9f])), undefined);
    assert.deepEqual(decoder.flush(), { base64: Buffer.from([0xf0, 0x9f]).toString('base64') });
  });

  it('keeps every byte in its place, whatever comes and however it is cut', () => {
    const random = numbers(1);
    const alphabet = ['a', 'ü', '€', '😀'].map((character) => Buffer.from(character));
    for (let round = 0; round < 3000; round++) {
      const valid = round % 3 === 0;
      const pieces = Array.from({ length: random(12) }, () =>
        valid || random(3) > 0 ? (alphabet[random(alphabet.length)] as Buffer) : Buffer.from([random(256)]),
      );
      const whole = Buffer.concat(pieces);
      const parts = decode(cutAnywhere(whole, random));
      const seen = JSON.stringify(parts);
      assert.deepEqual(bytesOf(parts), whole, seen);
      if (isUtf8(whole))
        assert(
          parts.every((part) => 'text' in part),
          seen,
        );
      assert(
        parts.every((part) => ('text' in part ? part.text : part.base64) !== ''),
        seen,
      );
    }
  });
});
