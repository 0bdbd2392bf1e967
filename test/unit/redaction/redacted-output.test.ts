import assert from 'node:assert/strict';
import { RedactedOutput } from '../../../backend/src/redaction/redacted-output.ts';
import { Redactor } from '../../../backend/src/redaction/redactor.ts';

const KEY = 'sk-ant-api03-made-up-for-tests-0123456789abcdef';

describe('output without secrets', () => {
  /** The bytes that are told of these parts. */
  function told(...parts: (string | Buffer)[]): Buffer {
    const all: Buffer[] = [];
    const output = new RedactedOutput(new Redactor([KEY]), ({ text, base64 }) => {
      all.push(text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text));
      return undefined;
    });
    for (const part of parts) {
      const body = typeof part === 'string' ? { text: part } : { base64: part.toString('base64') };
      void output.add({ type: 'output', stream: 'stdout', ...body });
    }
    output.end();
    return Buffer.concat(all);
  }
  const bytes = (...parts: (string | number)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

  it('has what could have begun one before the bytes that follow it', () => {
    assert.deepEqual(told('is sk-an', bytes(0xff), 'end'), bytes('is sk-an', 0xff, 'end'));
    assert.deepEqual(told('ä sk-an', bytes(0xff)), bytes('ä sk-an', 0xff));
  });

  it('has none that is divided between text and bytes', () => {
    assert.deepEqual(told(KEY.slice(0, 20), bytes(KEY.slice(20), ' ', 0xff)), bytes('[redacted] ', 0xff));
  });
});
