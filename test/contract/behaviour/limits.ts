import assert from 'node:assert/strict';
import { LIMIT_NAMES, LIMITS, type LimitName } from '../../../src/protocol/limits.ts';
import { code } from '../../support/target/code.ts';
import { failure, run, succeeded } from '../../support/target/run.ts';
import type { Target } from '../../support/target/target.ts';

const MIB = 1024 * 1024;

export function describeLimits(target: () => Target): void {
  describe('limits', () => {
    for (const name of LIMIT_NAMES) {
      it(`${name} is one that the target keeps, or refuses to be asked for`, async () => {
        const attempt = run(target(), 'bash', 'true', { limits: { [name]: LIMITS[name].default } });
        if (has(name)) succeeded(await attempt);
        else await assert.rejects(attempt, { code: 'not-supported' });
      });
    }

    const has = (...names: LimitName[]): boolean =>
      names.every((name) => target().capabilities.limits.includes(name));

    it('end a spinning program by its processor time', async () => {
      if (!has('cpuSeconds')) return;
      const outcome = await run(target(), 'bash', 'echo first; while true; do :; done', {
        limits: { cpuSeconds: 1 },
      });
      assert.equal(failure(outcome), 'cpu-limit');
      assert.equal(outcome.stdout, 'first\n');
    });

    it('end processes that spin together, each within its own', async () => {
      if (!has('cpuSeconds')) return;
      const text = 'for i in 1 2 3 4 5 6; do (while true; do :; done) & done; wait';
      assert.equal(failure(await run(target(), 'bash', text, { limits: { cpuSeconds: 2 } })), 'cpu-limit');
    });

    it('end a program whose short-lived children spin in turn', async () => {
      if (!has('cpuSeconds')) return;
      const text = 'while true; do timeout 0.2 bash -c "while true; do :; done"; done';
      assert.equal(failure(await run(target(), 'bash', text, { limits: { cpuSeconds: 1 } })), 'cpu-limit');
    });

    it('hold a fork bomb, and the machine goes on', async () => {
      if (!has('processes')) return;
      const bomb = ':(){ :|:& };:; sleep 60';
      const limits = { processes: 64, wallSeconds: 2, outputBytes: 100 * MIB };
      assert.equal(failure(await run(target(), 'bash', bomb, { limits })), 'timeout');
      succeeded(await run(target(), 'bash', 'true'));
    });

    it('stop a single process that eats memory, or its allocation', async () => {
      if (!has('memoryBytes')) return;
      const text = code`
        data = []
        try:
            while True:
                data.append(bytearray(1 << 20))
        except MemoryError:
            count = len(data)
            data.clear()
            print(count)
      `;
      const { stdout } = succeeded(
        await run(target(), 'python', text, { limits: { memoryBytes: 128 * MIB } }),
      );
      assert(Number(stdout) > 32 && Number(stdout) < 128, stdout);
    });

    it('refuse a mapping of more memory than there may be', async () => {
      if (!has('memoryBytes')) return;
      const text = code`
        import mmap
        try:
            mmap.mmap(-1, 1 << 30)
        except OSError as error:
            print(error.strerror)
      `;
      const { stdout } = succeeded(
        await run(target(), 'python', text, { limits: { memoryBytes: 128 * MIB } }),
      );
      assert.equal(stdout, 'Cannot allocate memory\n');
    });

    it('end a Node program that eats memory', async () => {
      if (!has('memoryBytes')) return;
      const text = code`
        const all = [];
        for (;;) all.push(Buffer.alloc(1 << 20, 1));
      `;
      const outcome = await run(target(), 'javascript', text, { limits: { memoryBytes: 256 * MIB } });
      assert(
        outcome.end.usage.peakMemoryBytes === undefined || outcome.end.usage.peakMemoryBytes < 400 * MIB,
      );
      const { end } = outcome;
      assert(
        end.type === 'failed'
          ? end.error.code === 'memory-limit'
          : end.type === 'completed' && end.exitCode !== 0,
      );
    });

    it('end processes that eat memory together, each within its own', async () => {
      if (!has('memoryBytes')) return;
      const text = code`
        import os, time
        for _ in range(20):
            if os.fork() == 0:
                data = b'x' * (24 << 20)
                time.sleep(60)
        time.sleep(60)
      `;
      const outcome = await run(target(), 'python', text, { limits: { memoryBytes: 200 * MIB } });
      assert.equal(failure(outcome), 'memory-limit');
    });

    it('do not count memory that processes share more than once', async () => {
      if (!has('memoryBytes')) return;
      const text = code`
        import os, time
        data = b'x' * (100 << 20)
        children = []
        for _ in range(10):
            pid = os.fork()
            if pid == 0:
                time.sleep(0.5)
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        print('shared')
      `;
      const outcome = await run(target(), 'python', text, { limits: { memoryBytes: 300 * MIB } });
      assert.equal(succeeded(outcome).stdout, 'shared\n');
    });

    it('hold a single file', async () => {
      if (!has('fileBytes')) return;
      const text = code`
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with open('big', 'wb', buffering=0) as big:
            try:
                while big.write(b'x' * 65536):
                    pass
            except OSError as error:
                print(error.strerror, big.tell())
        try:
            open('sparse', 'wb').truncate(1 << 40)
        except OSError as error:
            print(error.strerror)
      `;
      const { stdout } = succeeded(await run(target(), 'python', text, { limits: { fileBytes: MIB } }));
      assert.equal(stdout, `File too large ${String(MIB)}\nFile too large\n`);
    });

    it('hold the workspace of a program that fills the disk with many files', async () => {
      if (!has('workspaceBytes')) return;
      const text = code`
        print('first')
        i = 0
        while True:
            open(f'{i}', 'wb').write(b'x' * 1_000_000)
            i += 1
      `;
      const outcome = await run(target(), 'python', text, { limits: { workspaceBytes: 64 * MIB } });
      assert.equal(failure(outcome), 'workspace-limit');
      assert.equal(outcome.stdout, 'first\n');
    });

    it('hold the open files of a process', async () => {
      if (!has('openFiles')) return;
      const text = code`
        files = []
        try:
            while True:
                files.append(open('/dev/null'))
        except OSError as error:
            count = len(files)
            files.clear()
            print(error.strerror, count)
      `;
      const { stdout } = succeeded(await run(target(), 'python', text, { limits: { openFiles: 64 } }));
      const count = Number(/^Too many open files (\d+)$/m.exec(stdout)?.[1]);
      assert(count > 32 && count < 64, stdout);
    });
  });
}
