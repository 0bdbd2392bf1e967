import assert from 'node:assert/strict';
import { findLocations } from '../../../src/editor/terminal/locations.ts';

/** What is linked in a line: the text under the link, and where it leads. */
const linked = (line: string) =>
  findLocations(line).map(({ start, length, path, line: at, column }) => ({
    text: line.slice(start, start + length),
    to: [path, at, ...(column === undefined ? [] : [column])].join(':'),
  }));

describe('places in output', () => {
  for (const [line, text, to] of [
    ['  File "/workspace/src/a.py", line 42, in <module>', '"/workspace/src/a.py", line 42', 'src/a.py:42'],
    [
      '  File "/workspace/my dir/a (1).py", line 7',
      '"/workspace/my dir/a (1).py", line 7',
      'my dir/a (1).py:7',
    ],
    ['file:///workspace/a.ts:3', 'file:///workspace/a.ts:3', 'a.ts:3'],
    [
      '    at file:///workspace/my%20dir/a.mjs:3:5',
      'file:///workspace/my%20dir/a.mjs:3:5',
      'my dir/a.mjs:3:5',
    ],
    ['    at f (/workspace/src/a.js:3:5)', '/workspace/src/a.js:3:5', 'src/a.js:3:5'],
    ['    at Object.<anonymous> (/workspace/a b.js:10:2)', '/workspace/a b.js:10:2', 'a b.js:10:2'],
    ['/workspace/a.js:12', '/workspace/a.js:12', 'a.js:12'],
    ['a.sh: line 3: nope: command not found', 'a.sh: line 3', 'a.sh:3'],
    ['/workspace/dir/a.sh: line 13: x: unbound variable', '/workspace/dir/a.sh: line 13', 'dir/a.sh:13'],
    ['./a.sh: line 3: syntax error', './a.sh: line 3', 'a.sh:3'],
  ] as const) {
    it(`are found in ${line.trim()}`, () => {
      assert.deepEqual(linked(line), [{ text, to }]);
    });
  }

  for (const line of [
    'no place at all: 12',
    '  File "/usr/lib/python3.13/json/decoder.py", line 353, in raw_decode',
    '    at Module._compile (node:internal/modules/cjs/loader:1554:14)',
    '    at f (/etc/passwd:1:1)',
    '/etc/a.sh: line 3: x',
    `/workspace/${'a'.repeat(5000)}:1`,
  ]) {
    it(`are not found in ${line.slice(0, 60).trim()}`, () => {
      assert.deepEqual(linked(line), []);
    });
  }

  it('are found several times in one line', () => {
    assert.deepEqual(
      linked('/workspace/a.js:1:2 and /workspace/b.js:3:4').map(({ to }) => to),
      ['a.js:1:2', 'b.js:3:4'],
    );
  });
});
