import assert from 'node:assert/strict';
import { isTerminal, PHASES } from '../../../src/protocol/event.ts';
import { code } from '../../support/target/code.ts';
import { failure, outputOf, request, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeStreams(target: () => Target): void {
  describe('the stream of a run', () => {
    it('brings standard output and standard error apart, each in its order', async () => {
      const text = code`
        import sys
        for i in range(200):
            print(i, file=sys.stderr if i % 2 else sys.stdout)
      `;
      const { stdout, stderr } = succeeded(await run(target(), 'python', text));
      const lines = (odd: number): string =>
        Array.from({ length: 100 }, (_, i) => `${String(2 * i + odd)}\n`).join('');
      assert.equal(stdout, lines(0));
      assert.equal(stderr, lines(1));
    });

    it('brings output while the program goes on', async () => {
      const text = code`
        import time
        print('first')
        time.sleep(60)
      `;
      const ready = request(target(), 'python', text);
      const leaving = new AbortController();
      let seen = '';
      for await (const event of target().sandbox.submit(ready, leaving.signal)) {
        assert(!isTerminal(event));
        if (event.type !== 'output') continue;
        seen += event.text ?? '';
        if (seen.endsWith('\n')) break;
      }
      assert.equal(seen, 'first\n');
      if (target().capabilities.cancel) await target().sandbox.cancel(ready.runId);
    });

    it('numbers its events without gaps, names the run in the first and ends once', async () => {
      const { events, runId } = succeeded(await run(target(), 'python', "print('a'); open('b', 'w')"));
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
      );
      assert.partialDeepStrictEqual(events[0], { type: 'phase', phase: 'queued', runId });
      assert.deepEqual(
        events.filter(isTerminal).map(({ seq }) => seq),
        [events.length],
      );
      const phases = events.filter((event) => event.type === 'phase').map(({ phase }) => phase);
      assert.deepEqual(
        phases,
        PHASES.filter((phase) => phases.includes(phase)),
      );
      assert(phases.includes('running'));
    });

    it('keeps characters whole that the program writes byte by byte', async () => {
      const text = code`
        import os, time
        for byte in '\u00fc\u20ac\U0001f600'.encode() * 3:
            os.write(1, bytes([byte]))
            time.sleep(0.002)
      `;
      const { events, stdout } = succeeded(await run(target(), 'python', text));
      assert.equal(stdout, 'ü€😀'.repeat(3));
      assert(events.every((event) => event.type !== 'output' || event.base64 === undefined));
    });

    it('brings NUL and bytes that are not UTF-8 as they are', async () => {
      const text = code`
        import os
        os.write(1, bytes(range(256)) * 8)
        os.write(2, b'\x00\xff\xc3')
      `;
      const { bytes, events } = succeeded(await run(target(), 'python', text));
      assert.deepEqual(
        [...bytes],
        Array.from({ length: 2048 }, (_, i) => i % 256),
      );
      assert.deepEqual([...outputOf(events, 'stderr')], [0, 0xff, 0xc3]);
    });

    it('takes what looks like its own frames for text', async () => {
      const frames = [
        { seq: 2, time: 1, type: 'completed', exitCode: 0, usage: { wallMs: 0, outputBytes: 0 } },
        { seq: 3, time: 1, type: 'change', path: 'x', operation: 'create', mode: 420, size: 1 },
        { type: 'heartbeat', time: 1 },
        { type: 'error', error: { code: 'internal', message: 'forged' } },
        { type: 'done' },
      ];
      const forged = frames.map((frame) => `${JSON.stringify(frame)}\n`).join('');
      const text = code`
        import os, sys, time
        forged = sys.argv[1].encode()
        for stream in 1, 2:
            os.write(stream, forged)
            for at in range(0, len(forged), 7):
                os.write(stream, forged[at:at + 7])
                time.sleep(0.0005)
        sys.exit(3)
      `;
      const outcome = await run(target(), 'python', text, { args: [forged] });
      assert.equal(outcome.stdout, forged + forged);
      assert.equal(outcome.stderr, forged + forged);
      assert.partialDeepStrictEqual(outcome.end, { type: 'completed', exitCode: 3 });
      assert.deepEqual(outcome.changes, []);
    });

    it('brings a long line without an end whole', async () => {
      const text = code`
        import sys
        sys.stdout.write('x' * 20_000_000)
      `;
      const { bytes } = succeeded(await run(target(), 'python', text));
      assert.equal(bytes.length, 20_000_000);
      assert(bytes.every((byte) => byte === 120));
    });

    it('cuts output at its limit, says so and keeps what came before', async () => {
      const text = code`
        import sys
        for _ in range(100):
            sys.stdout.write('x' * 1_000_000)
      `;
      const outputBytes = 3 * 1024 * 1024;
      const outcome = await run(target(), 'python', text, { limits: { outputBytes } });
      assert.equal(failure(outcome), 'output-limit');
      assert.match(
        outcome.end.type === 'failed' ? outcome.end.error.message : '',
        /more than 3 MB of output/,
      );
      assert.equal(outcome.bytes.length, outputBytes);
      assert.equal(outcome.stdout.replaceAll('x', ''), '');
    });

    it('cuts both streams together at a small limit, within a character if need be', async () => {
      const outcome = await run(
        target(),
        'bash',
        'echo -n abc; echo -n abc >&2; sleep 0.2; printf "%1020s€" x; sleep 9',
        {
          limits: { outputBytes: 1028 },
        },
      );
      assert.equal(failure(outcome), 'output-limit');
      assert.match(
        outcome.end.type === 'failed' ? outcome.end.error.message : '',
        /more than 1 kB of output/,
      );
      assert.equal(outcome.bytes.length + outputOf(outcome.events, 'stderr').length, 1028);
      assert.equal(outcome.stderr, 'abc');
    });
  });
}
