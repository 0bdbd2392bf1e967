import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { follow } from '../../../src/core/run/follow.ts';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { startedRun } from '../behaviour/started-run.ts';
import { code } from '../../support/target/code.ts';
import { eventually } from '../../support/target/eventually.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { boxProcesses, servers } from '../../support/target/processes.ts';
import { outputOf, request, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

const PATIENT = code`
  import os, time
  if os.fork() == 0:
      os.setsid()
      os.closerange(0, 3)
      time.sleep(600)
  print('first', flush=True)
  time.sleep(600)
`;

describe('the local sandbox: a server that is lost', () => {
  const target = targetOf(() => localTarget());

  /** Follows a program that goes on until it has printed its first line; `events` fills further on. */
  const going = async (sandbox = target().sandbox) => {
    const ready = request(target(), 'python', PATIENT);
    const events: RunEvent[] = [];
    const ended = (async () => {
      for await (const event of follow(sandbox, { request: ready })) events.push(event);
    })();
    await eventually(() => outputOf(events, 'stdout').includes('first\n'));
    return { runId: ready.runId, events, ended };
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    const all = await servers(target().folder);
    assert(all.length > 0);
    for (const { pid } of all) process.kill(pid, signal);
    await eventually(async () =>
      (await servers(target().folder)).every(({ pid }) => !all.some((s) => s.pid === pid)),
    );
  };
  const lines = (runId: string): string[] =>
    readFileSync(join(target().folders.state, 'runs', runId, 'journal.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1);
  const assertLost = (events: RunEvent[]): void => {
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    );
    assert.equal(outputOf(events, 'stdout').toString(), 'first\n');
    assert.deepEqual(
      events.filter(isTerminal).map((event) => event.type === 'failed' && event.error.code),
      ['backend-lost'],
    );
  };

  it('by SIGKILL in mid-run gives one failure after what came before, and leaves no process', async () => {
    const { events, ended, runId } = await going();
    assert((await boxProcesses(target().folder)).length > 0);
    await kill('SIGKILL');
    await eventually(async () => (await boxProcesses(target().folder)).length === 0);
    await ended;
    assertLost(events);
    assert.equal(lines(runId).length, events.length);
  });

  it('by SIGKILL leaves no process either when nobody starts another', async () => {
    const started = await startedRun(target(), 'python', PATIENT);
    started.leave();
    assert((await boxProcesses(target().folder)).length > 0);
    await kill('SIGKILL');
    await eventually(async () => (await boxProcesses(target().folder)).length === 0);
    assert.deepEqual(await servers(target().folder), []);
  });

  it('by SIGTERM in mid-run gives the same, and leaves no process', async () => {
    const { events, ended } = await going();
    await kill('SIGTERM');
    await ended;
    assertLost(events);
    assert.deepEqual(await boxProcesses(target().folder), []);
  });

  it('with several followers gives each the same end, which is written once', async () => {
    const { events, ended, runId } = await going();
    const others = await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const seen: RunEvent[] = [];
        const done = (async () => {
          for await (const event of follow(target().client(), { runId, after: 0 })) seen.push(event);
        })();
        await eventually(() => outputOf(seen, 'stdout').includes('first\n'));
        return { seen, done };
      }),
    );
    await kill('SIGKILL');
    await Promise.all([ended, ...others.map(({ done }) => done)]);
    assertLost(events);
    for (const { seen } of others) assert.deepEqual(seen, events);
    assert.deepEqual(
      lines(runId).map((line) => JSON.parse(line) as RunEvent),
      events,
    );
  });

  it('is not asked for: a run that nobody follows has its end when it is listed or attached to', async () => {
    const { runId, ended } = await going();
    ended.catch(() => undefined);
    await kill('SIGKILL');
    const sandbox = target().client();
    const events: RunEvent[] = [];
    for await (const event of sandbox.attach(runId, 0)) events.push(event);
    assertLost(events);
    assert.equal((await sandbox.runs()).find((each) => each.runId === runId)?.state, 'failed');
    assert.equal((await sandbox.cancel(runId)).type, 'failed');
    await ended;
  });

  it('leaves journals that are cut anywhere in their last line: what is whole is given, and an end', async () => {
    const { runId, events } = succeeded(await run(target(), 'python', "print('ü€😀' * 10)"));
    const whole = lines(runId);
    const path = join(target().folders.state, 'runs', runId, 'journal.jsonl');
    const bytes = readFileSync(path);
    const lastLine = Buffer.byteLength(whole.at(-1) ?? '') + 1;
    for (const cut of [1, 2, lastLine - 1, lastLine, lastLine + 1]) {
      await kill('SIGKILL');
      truncateSync(path, bytes.length - cut);
      const sandbox = target().client();
      const seen: RunEvent[] = [];
      for await (const event of sandbox.attach(runId, 0)) seen.push(event);
      const kept = cut > lastLine ? events.slice(0, -2) : events.slice(0, -1);
      assert.deepEqual(seen.slice(0, -1), kept);
      assert.partialDeepStrictEqual(seen.at(-1), { type: 'failed', error: { code: 'backend-lost' } });
      assert.equal(lines(runId).length, seen.length);
      // As it was, for the next cut.

      writeFileSync(path, bytes);
    }
  });

  for (const [what, spoil] of [
    ['an empty journal', (path: string) => truncateSync(path, 0)],
    ['no journal', (path: string) => unlinkSync(path)],
  ] as const) {
    it(`leaves ${what}, which gets an end`, async () => {
      const { runId } = succeeded(await run(target(), 'bash', 'true'));
      await kill('SIGKILL');
      spoil(join(target().folders.state, 'runs', runId, 'journal.jsonl'));
      const seen: RunEvent[] = [];
      for await (const event of target().client().attach(runId, 0)) seen.push(event);
      assert.partialDeepStrictEqual(seen, [{ seq: 1, type: 'failed', error: { code: 'backend-lost' } }]);
    });
  }

  it('leaves nothing on the disk once another has started: workspaces, pipes, sockets', async () => {
    const { ended } = await going();
    await kill('SIGKILL');
    await ended;
    const all = await servers(target().folder);
    const [server] = all;
    assert.equal(all.length, 1);
    const dead = (name: string): boolean => {
      const pid = /(\d+)(\.link)?$/.exec(name)?.[1];
      return pid !== undefined && pid !== String(server?.pid);
    };
    const { runtime, state } = target().folders;
    await eventually(() => ![...readdirSync(runtime), ...readdirSync(join(state, 'boxes'))].some(dead));
  });
});
