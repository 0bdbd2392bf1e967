import assert from 'node:assert/strict';
import { newRunId, runRequest, type Program } from '../../../src/core/program/program.ts';
import { toContent } from '../../../src/core/program/content.ts';
import { parseRequest } from '../../../src/protocol/decode.ts';
import { contentBytes } from '../../../src/protocol/content.ts';
import { MAX_CODE_BYTES, MAX_REQUEST_BYTES } from '../../../src/protocol/request.ts';
import { language } from '../../support/target/language.ts';

const python = language('python');
const program = (rest: Partial<Program>): Program => ({
  language: python,
  entry: 'main.py',
  title: 'a test',
  ...rest,
});
const file = (path: string, bytes: number) => ({ path, mode: 0o644, content: { text: 'x'.repeat(bytes) } });

describe('the request for a program', () => {
  it('is one that backends understand, and closed to the network', () => {
    const request = runRequest(program({ code: 'print(1)' }));
    assert.deepEqual(parseRequest(request), request);
    assert.equal(request.network, 'closed');
  });

  it('has an id of its own each time', () => {
    const ids = Array.from({ length: 100 }, newRunId);
    assert.equal(new Set(ids).size, 100);
    assert.notEqual(runRequest(program({ code: 'x' })).runId, runRequest(program({ code: 'x' })).runId);
  });

  for (const code of ['', ' ', '\n\n', '\t\r\n ', '\u00a0\ufeff']) {
    it(`is none for an empty selection: ${JSON.stringify(code)}`, () => {
      assert.throws(() => runRequest(program({ code })), {
        code: 'bad-request',
        message: /selection is empty/,
        fix: /Select/,
      });
    });
  }

  it('is none for code of 50 MB, and says what can be sent', () => {
    assert.throws(() => runRequest(program({ code: 'x'.repeat(50 * 1024 * 1024) })), {
      code: 'too-large',
      message: 'The code takes 50 MB; 8 MB can be sent.',
    });
  });

  it('counts bytes, not characters', () => {
    assert.doesNotThrow(() => runRequest(program({ code: 'x'.repeat(MAX_CODE_BYTES) })));
    assert.throws(() => runRequest(program({ code: '€'.repeat(MAX_CODE_BYTES / 3 + 1) })), {
      code: 'too-large',
    });
  });

  it('is none for an entry or files that are too large', () => {
    assert.throws(() => runRequest(program({ files: [file('main.py', MAX_CODE_BYTES + 1)] })), {
      code: 'too-large',
      message: /main\.py/,
    });
    const half = (MAX_REQUEST_BYTES - MAX_CODE_BYTES) / 2;
    assert.doesNotThrow(() => runRequest(program({ code: 'x', files: [file('a', half), file('b', half)] })));
    assert.throws(() => runRequest(program({ code: 'x', files: [file('a', half), file('b', half + 1)] })), {
      code: 'too-large',
    });
    const stdin = { text: 'x' };
    assert.throws(
      () => runRequest(program({ code: 'x', stdin, files: [file('a', half), file('b', half)] })),
      { code: 'too-large' },
    );
  });

  it('has a title of its allowed length', () => {
    const request = runRequest(program({ code: 'x', title: '😀'.repeat(500) }));
    assert.doesNotThrow(() => parseRequest(JSON.parse(JSON.stringify(request))));
  });
});

describe('content', () => {
  it('is text where that keeps its bytes, else base64', () => {
    assert.deepEqual(toContent(Buffer.from('ü\u0000')), { text: 'ü\u0000' });
    assert.deepEqual(toContent(Buffer.from([0xff])), { base64: '/w==' });
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('€'),
      Buffer.from('\ufeffx'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from([0xc3]),
    ])
      assert.deepEqual(contentBytes(toContent(bytes)), bytes);
  });
});
