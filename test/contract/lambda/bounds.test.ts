import assert from 'node:assert/strict';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { code } from '../../support/target/code.ts';
import { attached, lines, numbered } from '../../support/target/deployed-run.ts';
import { deployedTarget } from '../../support/target/deployed-target.ts';
import { eventually } from '../../support/target/eventually.ts';
import { failure, outputOf, request, run, submit, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { startedRun } from '../behaviour/started-run.ts';

const MIB = 1024 ** 2;

describe("a run near the end of its function's time", () => {
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 8, controlSeconds: 8 }));

  it('is ended in time, with what it made', async () => {
    const late = await run(target(), 'bash', 'echo x > made; echo first; sleep 60');
    assert.equal(failure(late), 'timeout');
    const told = late.events.flatMap((event) => {
      if (event.type === 'notice') return [event.message];
      return event.type === 'phase' && ['running', 'collecting'].includes(event.phase) ? [event.phase] : [];
    });
    assert.equal(told.length, 4, told.join('\n'));
    assert.match(told[0] ?? '', /^This run has [56] s/);
    assert.match(told[2] ?? '', /^The function ends in [12] s/);
    assert.deepEqual([told[1], told[3]], ['running', 'collecting']);
    assert.deepEqual(
      late.changes.map(({ path }) => path),
      ['made'],
    );
    const again = await attached(target(), late.runId);
    assert.deepEqual(again.events, late.events);
  });

  it('says how long it can be, and is refused where it wants to be longer', async () => {
    const { maxWallSeconds = 0, maxTaskWallSeconds = 0 } = target().capabilities;
    assert.equal(maxWallSeconds, 6);
    assert(maxTaskWallSeconds > 100 * maxWallSeconds);
    const longer = run(target(), 'bash', 'true', { limits: { wallSeconds: 7 } });
    await assert.rejects(longer, {
      code: 'not-supported',
      message: /a run of 7 s/,
      fix: /6 s is its longest/,
    });
    succeeded(await run(target(), 'bash', 'true', { limits: { wallSeconds: 6 } }));
  });

  it('is followed for longer than an answer of control can last', async () => {
    const started = await startedRun(target(), 'bash', 'for i in $(seq 40); do echo $i; sleep 0.1; done');
    started.leave();
    // Control's answer ends three seconds after it has begun.
    const seen: RunEvent[] = [];
    let after = 0;
    let answers = 0;
    while (!seen.some(isTerminal)) {
      answers++;
      for await (const event of target().sandbox.attach(started.runId, after)) {
        seen.push(event);
        after = event.seq;
      }
    }
    assert(answers > 1, 'one answer was enough');
    numbered(seen);
    assert.equal(outputOf(seen, 'stdout').toString(), lines(40));
  });
});

describe('a run that needs more memory than its function has', () => {
  const target = targetOf((context) => deployedTarget(context, { runnerMb: 512 }));
  const text = code`
    import os, time
    open('made', 'w').write('x')
    for _ in range(20):
        if os.fork() == 0:
            data = []
            for _ in range(40):
                data.append(b'x' * (1 << 20))
                time.sleep(0.1)
            time.sleep(60)
    time.sleep(60)
  `;

  it('is ended by its limit, with what it made, before the function is', async () => {
    const ended = await run(target(), 'python', text);
    assert.equal(failure(ended), 'memory-limit');
    assert(ended.end.type === 'failed');
    assert.match(ended.end.error.message, /320 MB/);
    assert.match(ended.end.error.fix ?? '', /deploy the backend with more memory/);
    assert.deepEqual(
      ended.changes.map(({ path }) => path),
      ['made'],
    );
  });

  it('is refused where it asks for that', async () => {
    assert.equal(target().capabilities.maxMemoryBytes, 320 * MIB);
    const larger = run(target(), 'bash', 'true', { limits: { memoryBytes: 321 * MIB } });
    await assert.rejects(larger, {
      code: 'not-supported',
      message: /321 MB of memory for a run/,
      fix: /^320 MB is its most/,
    });
    succeeded(await run(target(), 'bash', 'true', { limits: { memoryBytes: 320 * MIB } }));
  });
});

describe('runs that are more than the runner has room for', () => {
  const target = targetOf((context) => deployedTarget(context, { concurrency: 1 }));

  it('are tried again until there is room', async () => {
    const started = await startedRun(target(), 'bash', 'echo first; sleep 3');
    const second = succeeded(await run(target(), 'bash', 'echo second'));
    assert.equal(second.stdout, 'second\n');
    assert.equal((await started.rest).at(-1)?.type, 'completed');
  });

  it('can be cancelled before there is, and never begin', async () => {
    const started = await startedRun(target(), 'bash', 'echo first; sleep 60');
    const waiting = request(target(), 'bash', 'echo begun');
    const followed = submit(target(), waiting);
    await eventually(() => target().s3.objects.has(`runs/${waiting.runId}/request.json`));
    assert.equal((await target().client().cancel(waiting.runId)).type, 'cancelled');
    await target().client().cancel(started.runId);
    const { events } = await followed;
    assert.deepEqual(
      events.map((event) => (event.type === 'phase' ? event.phase : event.type)),
      ['queued', 'cancelled'],
    );
  });
});

describe("a run whose output is more than Lambda's answers can have", () => {
  const target = targetOf((context) => deployedTarget(context, { runnerSeconds: 170, controlSeconds: 170 }));

  it('comes whole, by more than one answer', async () => {
    const megabytes = 210;
    const text = code`
      import sys
      line = 'x' * 1023 + chr(10)
      for i in range(${String(megabytes)}):
          sys.stdout.write(line * 1024)
    `;
    const ready = request(target(), 'python', text, { limits: { outputBytes: 2 ** 30 } });
    let bytes = 0;
    let seq = 0;
    let end = '';
    for await (const event of target().sandbox.submit(ready)) {
      assert.equal(event.seq, ++seq);
      if (event.type === 'output') bytes += event.text?.length ?? 0;
      end = event.type;
    }
    assert.equal(end, 'completed');
    assert.equal(bytes, megabytes * 1024 * 1024);
  });
});
