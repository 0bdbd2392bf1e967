import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeInput(target: () => Target): void {
  describe('what a program is given', () => {
    it('its arguments, whatever is in them', async () => {
      const args = [
        '',
        ' two  words ',
        `'"\\`,
        '$(touch x) `id` ; & | > <',
        'a\nb\r\tc',
        'ü€😀',
        '-c',
        '--',
        '*',
      ];
      const text = 'import json, sys; print(json.dumps(sys.argv[1:]))';
      assert.deepEqual(JSON.parse(succeeded(await run(target(), 'python', text, { args })).stdout), args);
    });

    it('its arguments in Bash, whatever is in them', async () => {
      const args = ['', ' two  words ', `'"\\`, '$(touch x)', 'a\nb', '-e'];
      const { stdout } = succeeded(await run(target(), 'bash', String.raw`printf '%s\0' "$@"`, { args }));
      assert.deepEqual(stdout.split('\0').slice(0, -1), args);
    });

    it('arguments and variables of a hundred thousand characters', async () => {
      const args = ['x'.repeat(100_000), 'y'];
      const env = { LONG: 'z'.repeat(100_000) };
      const text = 'import os, sys; print(*map(len, sys.argv[1:]), len(os.environ["LONG"]))';
      assert.equal(succeeded(await run(target(), 'python', text, { args, env })).stdout, '100000 1 100000\n');
    });

    it('an end of file on standard input when there is none', async () => {
      const { stdout } = succeeded(
        await run(target(), 'python', 'import sys; print(repr(sys.stdin.read()))'),
      );
      assert.equal(stdout, "''\n");
    });

    for (const [name, bytes] of [
      ['text', Buffer.from('zwölf\n')],
      ['bytes', Buffer.from([0, 0xff, 10, 13])],
      ['a megabyte', Buffer.alloc(1_000_000, 'ab\n')],
    ] as const) {
      it(`its standard input: ${name}`, async () => {
        const text = code`
          import hashlib, sys
          data = sys.stdin.buffer.read()
          print(len(data), data[:20].hex())
        `;
        const stdin = { base64: bytes.toString('base64') };
        const { stdout } = succeeded(await run(target(), 'python', text, { stdin }));
        assert.equal(stdout, `${String(bytes.length)} ${bytes.subarray(0, 20).toString('hex')}\n`);
      });
    }

    it('the variables that are asked for, and none of the host', async () => {
      process.env['OFFLOAD_CANARY'] = 'canary-in-environment';
      try {
        const env = { GREETING: `it's "$HOME"\n€`, EMPTY: '', TZ: 'Asia/Tokyo' };
        const text = 'import json, os; print(json.dumps(dict(os.environ)))';
        const seen = JSON.parse(succeeded(await run(target(), 'python', text, { env })).stdout) as object;
        assert.partialDeepStrictEqual(seen, env);
        assert(!('OFFLOAD_CANARY' in seen));
      } finally {
        delete process.env['OFFLOAD_CANARY'];
      }
    });

    it('a home and a temporary folder that it can write to', async () => {
      const text =
        'echo one > "$HOME/a" && echo two > "${TMPDIR:-/tmp}/b" && cat "$HOME/a" "${TMPDIR:-/tmp}/b"';
      assert.equal(succeeded(await run(target(), 'bash', text)).stdout, 'one\ntwo\n');
    });

    it('a standard output and error that it can open by their names', async () => {
      const { stdout, stderr } = succeeded(
        await run(target(), 'bash', 'echo out > /dev/stdout; echo err > /dev/stderr'),
      );
      assert.deepEqual({ stdout, stderr }, { stdout: 'out\n', stderr: 'err\n' });
    });
  });
}
