import assert from 'node:assert/strict';
import { code } from '../../support/target/code.ts';
import { failure, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

export function describeEndings(target: () => Target): void {
  describe('the end of a run', () => {
    for (const exitCode of [0, 1, 3, 130, 152, 255]) {
      it(`has the program's exit code ${String(exitCode)}`, async () => {
        const { end } = await run(target(), 'bash', `exit ${String(exitCode)}`);
        assert.partialDeepStrictEqual(end, { type: 'completed', exitCode });
      });
    }

    for (const [signal, number] of [
      ['SIGKILL', 9],
      ['SIGSEGV', 11],
      ['SIGTERM', 15],
    ] as const) {
      it(`names the signal ${signal} that the program died of`, async () => {
        const { end } = await run(target(), 'python', `import os; os.kill(os.getpid(), ${String(number)})`);
        assert.partialDeepStrictEqual(end, { type: 'completed', exitCode: 128 + number, signal });
      });
    }

    it('has what the run took', async () => {
      const { end, stdout } = succeeded(await run(target(), 'bash', 'echo 12345; sleep 0.2'));
      assert(end.usage.wallMs >= 200, String(end.usage.wallMs));
      assert.equal(end.usage.outputBytes, stdout.length);
    });

    it('comes when the time is up, with what came before', async () => {
      const text = code`
        import time
        open('made', 'w').write('before')
        print('before')
        time.sleep(60)
      `;
      const outcome = await run(target(), 'python', text, { limits: { wallSeconds: 1 } });
      assert.equal(failure(outcome), 'timeout');
      assert.equal(outcome.stdout, 'before\n');
      assert.deepEqual(
        outcome.changes.map(({ path }) => path),
        ['made'],
      );
    });

    it('comes for a program that ignores every signal it can', async () => {
      const text = code`
        import signal, time
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)
      `;
      assert.equal(failure(await run(target(), 'python', text, { limits: { wallSeconds: 1 } })), 'timeout');
    });

    it('does not wait for daemons, whether or not they hold the output open', async () => {
      const text = code`
        import os, time
        for keeps in True, False:
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    if not keeps:
                        os.closerange(0, 3)
                    time.sleep(600)
                os._exit(0)
        print('started')
      `;
      assert.equal(succeeded(await run(target(), 'python', text)).stdout, 'started\n');
    });
  });
}
