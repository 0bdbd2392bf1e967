import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { Box, BoxExit } from '../../../backend/src/isolation/box.ts';
import { probeContainer } from '../../../backend/src/isolation/container/container-probe.ts';
import type { OutputPipe } from '../../../backend/src/isolation/pipes.ts';
import type { ContainerEngine } from '../../../src/protocol/container.ts';

describe('the probe of a container engine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'of-'));
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true });
  });

  /** A probe of an engine whose container does nothing until it is killed; then it ends, or does not even do that. */
  async function probed(ends: boolean) {
    let end: (exit: BoxExit) => void = () => undefined;
    const exited = new Promise<BoxExit>((resolve) => (end = resolve));
    const closing: (() => void)[] = [];
    const pipe = (): OutputPipe => {
      const closed = new Promise<void>((resolve) => closing.push(resolve));
      return { read: () => closed, close: closing.at(-1) ?? assert.fail() };
    };
    let kills = 0;
    const kill = (): void => {
      kills++;
      if (!ends) return;
      end({ exitCode: 137 });
      for (const close of closing) close();
    };
    const box: Box = { stdout: pipe(), stderr: pipe(), tree: { pids: () => [] }, kill, exited };
    let tellStarted: () => void = () => undefined;
    const started = new Promise<void>((resolve) => (tellStarted = resolve));
    const start = (): Promise<Box> => {
      tellStarted();
      return Promise.resolve(box);
    };
    let failure: Error | undefined;
    const engine: ContainerEngine = { kind: 'docker', command: ['docker'], version: '1', rootless: false };
    probeContainer({ owner: () => undefined, start }, folder, engine).catch((error: unknown) => {
      failure = error as Error;
    });
    await started;
    await turns();
    return { kills: () => kills, failure: () => failure };
  }

  const turns = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('ends a container that takes too long, and says so', async () => {
    const { kills, failure } = await probed(true);
    mock.timers.tick(59_999);
    assert.equal(kills(), 0);
    mock.timers.tick(1);
    await turns();
    assert.equal(kills(), 1);
    assert.match(failure()?.message ?? '', /docker was not done within 60 s/);
  });

  it('does not wait for an engine that does not end it', async () => {
    const { kills, failure } = await probed(false);
    mock.timers.tick(60_000);
    await turns();
    assert.deepEqual([kills(), failure()], [1, undefined]);
    mock.timers.tick(5000);
    await turns();
    assert.match(failure()?.message ?? '', /docker was not done within 60 s/);
    assert.deepEqual(readdirSync(folder), []);
  });
});
