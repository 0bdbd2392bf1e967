import assert from 'node:assert/strict';
import { parseRequest } from '../../../src/protocol/decode.ts';
import { effectiveLimits, LIMIT_NAMES, LIMITS } from '../../../src/protocol/limits.ts';
import { OLDEST_UNDERSTOOD_VERSION, PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

const runId = `r_${'0'.repeat(32)}`;
const hash = '0'.repeat(64);
const run = {
  kind: 'run',
  version: PROTOCOL_VERSION,
  runId,
  language: 'python',
  entry: 'main.py',
  code: 'print(1)',
  files: [{ path: 'data.txt', mode: 0o644, content: { text: 'x' } }],
  args: ['a'],
  stdin: { base64: 'AA==' },
  env: { A: 'b' },
  interpreter: '/usr/bin/python3',
  limits: { wallSeconds: 1 },
  network: 'closed',
  title: 'a test',
};

describe('a request', () => {
  for (const whole of [
    run,
    { kind: 'attach', version: 1, runId, after: 0 },
    { kind: 'cancel', version: 1, runId },
    { kind: 'blob', version: 1, runId, hash },
    { kind: 'runs', version: 1 },
    { kind: 'environment', version: 1 },
    { kind: 'retire', version: 1 },
  ]) {
    it(`${whole.kind} is read as it is, and not with a field that nobody knows`, () => {
      assert.deepEqual(parseRequest(whole), whole);
      assert.throws(() => parseRequest({ ...whole, extra: 1 }), { code: 'bad-request', message: /extra/ });
    });

    it(`${whole.kind} lacks nothing`, () => {
      const optional = ['code', 'stdin', 'interpreter'];
      for (const name of Object.keys(whole).filter((each) => !optional.includes(each))) {
        const { [name]: _, ...rest } = whole as Record<string, unknown>;
        assert.throws(() => parseRequest(rest), { code: 'bad-request' }, name);
      }
    });
  }

  for (const [field, values] of Object.entries({
    kind: ['dance', 1],
    runId: [
      '',
      'r_',
      `r_${'0'.repeat(31)}`,
      `r_${'0'.repeat(33)}`,
      `r_${'G'.repeat(32)}`,
      `${runId}\n`,
      `../${runId}`,
    ],
    language: ['x'.repeat(65), 1],
    entry: ['../x', '/x', '', 1],
    code: [1, null],
    files: [
      {},
      [{}],
      [{ ...run.files[0], mode: 0o1000 }],
      [{ ...run.files[0], mode: -1 }],
      [{ ...run.files[0], x: 1 }],
    ],
    args: ['a', [1], ['a\0b']],
    stdin: ['a', { base64: 'not base64!' }, { text: 'a', base64: 'AA==' }, {}],
    env: [{ A: 1 }, { '': 'x' }, { 'A-B': 'x' }, { A: 'x\0y' }, { '1A': 'x' }],
    limits: [
      { wallSeconds: 0 },
      { wallSeconds: '1' },
      { unknown: 1 },
      { memoryBytes: 1.5 },
      { processes: -1 },
    ],
    network: ['half', true],
    title: ['x'.repeat(201)],
    version: [0, 0.5, '1', null],
  })) {
    it(`is refused for a wrong ${field}, which is named`, () => {
      for (const value of values) {
        const what = JSON.stringify(value);
        assert.throws(
          () => parseRequest({ ...run, [field]: value }),
          (error: Error & { code: string }) => {
            assert.match(
              error.code,
              field === 'version' ? /bad-request|unsupported-version/ : /bad-request/,
              what,
            );
            assert(field === 'version' || error.message.includes(field), `${what}: ${error.message}`);
            return true;
          },
        );
      }
    });
  }

  it('is refused when it is none at all', () => {
    for (const value of [undefined, null, 1, 'run', [], {}])
      assert.throws(() => parseRequest(value), { code: 'bad-request' });
  });

  it('of another version is refused by its version, whatever else it says', () => {
    for (const version of [PROTOCOL_VERSION + 1, OLDEST_UNDERSTOOD_VERSION - 1, 99])
      assert.throws(() => parseRequest({ kind: 'dance', version }), { code: 'unsupported-version' });
  });
});

describe('limits', () => {
  it('have each its default where nothing is asked, and what is asked elsewhere', () => {
    const limits = effectiveLimits({ wallSeconds: 3 });
    assert.equal(limits.wallSeconds, 3);
    for (const name of LIMIT_NAMES.filter((each) => each !== 'wallSeconds'))
      assert.equal(limits[name], LIMITS[name].default);
  });

  it('have defaults within their ranges', () => {
    for (const name of LIMIT_NAMES) {
      const { default: usual, min, max } = LIMITS[name];
      assert(min <= usual && usual <= max, name);
      assert.doesNotThrow(() => parseRequest({ ...run, limits: { [name]: min } }));
      assert.doesNotThrow(() => parseRequest({ ...run, limits: { [name]: max } }));
      assert.throws(() => parseRequest({ ...run, limits: { [name]: max + 1 } }), { code: 'bad-request' });
    }
  });
});
