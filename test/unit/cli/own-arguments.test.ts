import assert from 'node:assert/strict';
import { divide } from '../../../src/cli/own-arguments.ts';

const OPTIONS = {
  language: { type: 'string' },
  file: { type: 'string' },
  json: { type: 'boolean' },
} as const;

describe('the arguments of offload run', () => {
  const cases: [argv: string[], own: number][] = [
    [[], 0],
    [['--json'], 1],
    [['a.py'], 1],
    [['a.py', '--json', 'x'], 1],
    [['--json', 'a.py', '--json'], 2],
    [['--language', 'bash', 'a.py', 'x'], 3],
    [['--language=bash', 'a.py', 'x'], 2],
    [['--language', 'bash', '-', '-'], 3],
    [['--file', '-', '-', 'x'], 3],
    [['--file', '--', 'a.py', 'x'], 3],
    [['--', '--json', '--json'], 2],
    [['--json', '--', '-', 'x'], 3],
    [['--json', '--', 'a.py', '--', 'x'], 3],
    [['--unknown', 'a.py', 'x'], 2],
    [['--constructor', 'a.py', 'x'], 2],
    [['-x', 'a.py', '-y'], 2],
    [['--file'], 1],
    [['', 'x'], 1],
  ];
  for (const [argv, own] of cases) {
    it(`${JSON.stringify(argv)}: the first ${String(own)} are ours`, () => {
      assert.deepEqual(divide(argv, OPTIONS), { own: argv.slice(0, own), rest: argv.slice(own) });
    });
  }
});
