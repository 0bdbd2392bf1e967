import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal, type RunEvent } from '../../../src/protocol/event.ts';
import { code } from '../../support/target/code.ts';
import { localTarget } from '../../support/target/local-target.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import { outcome, request, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

const MIB = 1024 * 1024;

describe('the local sandbox: readers', () => {
  const target = targetOf(() => localTarget());
  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${String(target().pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
  };
  const HUNDRED = code`
    import sys
    for _ in range(100):
        sys.stdout.write('0123456789abcde\n' * 65536)
  `;

  it('that stand still hold nothing up and take none of the memory of the server', async () => {
    const ready = request(target(), 'python', HUNDRED, { limits: { outputBytes: 128 * MIB } });
    const stalled = target().sandbox.submit(ready)[Symbol.asyncIterator]();
    const events: RunEvent[] = [];
    while (events.at(-1)?.type !== 'output')
      events.push(((await stalled.next()) as { value: RunEvent }).value);
    const before = residentBytes();
    let most = before;
    // Another reader takes all of it; the server holds back the one that does not read.
    let read = 0;
    for await (const event of target().client().attach(ready.runId, 0)) {
      if (event.type === 'output') read += event.text?.length ?? 0;
      most = Math.max(most, residentBytes());
      if (isTerminal(event)) assert.equal(event.type, 'completed');
    }
    assert.equal(read, 100 * MIB);
    succeeded(await run(target(), 'bash', 'true'));
    for (let i = 0; i < 10; i++) {
      most = Math.max(most, residentBytes());
      await sleep(20);
    }
    assert(most - before < 50 * MIB, `${String(before / MIB)} MB grew to ${String(most / MIB)} MB`);
    for (let next = await stalled.next(); next.done !== true; next = await stalled.next())
      events.push(next.value);
    const bytes = events.reduce(
      (sum, event) => sum + (event.type === 'output' ? (event.text?.length ?? 0) : 0),
      0,
    );
    assert.equal(bytes, 100 * MIB);
  });

  it('that vanish in mid-stream end nothing: who comes later gets all', async () => {
    const ready = request(target(), 'python', HUNDRED, { limits: { outputBytes: 128 * MIB } });
    const leaving = new AbortController();
    const seen: RunEvent[] = [];
    await assert.rejects(async () => {
      for await (const event of target().client().submit(ready, leaving.signal)) {
        seen.push(event);
        if (event.type === 'output') leaving.abort();
      }
    });
    const all = succeeded(await outcome(ready.runId, target().sandbox.attach(ready.runId, 0)));
    assert.equal(all.bytes.length, 100 * MIB);
    assert.deepEqual(all.events.slice(0, seen.length), seen);
  });

  it('that come and go by the hundred leave no file open', async () => {
    const { runId } = succeeded(await run(target(), 'bash', 'seq 1000'));
    const openFiles = (): number => readdirSync(`/proc/${String(target().pid)}/fd`).length;
    const attach = async (): Promise<void> => {
      for await (const event of target().sandbox.attach(runId, 0)) if (event.seq === 2) break;
    };
    for (let i = 0; i < 10; i++) await attach();
    const before = openFiles();
    for (let i = 0; i < 200; i++) await attach();
    assert(openFiles() <= before + 8, `${String(before)} grew to ${String(openFiles())}`);
  });

  it('of a hundred runs find no file open either, and no process', async () => {
    const openFiles = (): number => readdirSync(`/proc/${String(target().pid)}/fd`).length;
    for (let i = 0; i < 20; i++) succeeded(await run(target(), 'bash', 'true'));
    const before = openFiles();
    await Promise.all(
      Array.from({ length: 100 }, async () => succeeded(await run(target(), 'bash', 'true'))),
    );
    assert(openFiles() <= before + 8, `${String(before)} grew to ${String(openFiles())}`);
    assert.deepEqual(await boxProcesses(target().folder), []);
  });
});
