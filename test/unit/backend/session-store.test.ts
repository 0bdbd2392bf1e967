import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionLock } from '../../../backend/src/sessions/session-lock.ts';
import { SessionStore } from '../../../backend/src/sessions/session-store.ts';
import { newRunId } from '../../../src/core/program/program.ts';

describe('the store of sessions', () => {
  let folder: string;
  let alive: Set<string>;
  let store: SessionStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'n-'));
    alive = new Set(['here', 'there']);
    store = server('here');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const server = (address: string) =>
    new SessionStore(folder, address, (owner) => Promise.resolve(alive.has(owner)));
  const create = (runId = newRunId(), at = store) => at.create(runId, { agent: 'claude', owner: undefined });
  /** A session that has ended, last used so many hours ago. */
  const ended = async (hours: number, bytes = 0): Promise<string> => {
    const session = await create();
    writeFileSync(join(session.home, 'file'), Buffer.alloc(bytes));
    session.release();
    const file = join(session.folder, 'session.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...record, usedAt: Date.now() - hours * 3600 * 1000 }));
    return session.id;
  };
  const ids = (): string[] => readdirSync(folder).filter((name) => name.startsWith('r_'));

  it('keeps a conversation and finds it by each of its runs', async () => {
    const [first, second, third] = [newRunId(), newRunId(), newRunId()];
    const session = await create(first);
    session.update({ conversation: 'abc', tree: null });
    writeFileSync(join(session.home, 'file'), 'kept');
    session.release();
    const again = await server('there').resume(first, second);
    assert.partialDeepStrictEqual(again.record, { agent: 'claude', conversation: 'abc', tree: null });
    assert.deepEqual(again.record.runs, [first, second]);
    again.update({ conversation: 'def' });
    again.release();
    for (const earlier of [first, second]) {
      const last = await store.resume(earlier, earlier === first ? third : newRunId());
      assert.deepEqual([last.id, last.record.conversation], [first, 'def']);
      assert.equal(readFileSync(join(last.home, 'file'), 'utf8'), 'kept');
      last.release();
    }
  });

  it('closes what it keeps, but for the way of the user of boxes', async () => {
    const session = await store.create(newRunId(), {
      agent: 'claude',
      owner: process.getuid?.() === 0 ? 65534 : undefined,
    });
    const mode = (path: string): number => lstatSync(path).mode & 0o777;
    assert.deepEqual([mode(folder), mode(session.folder), mode(session.home)], [0o711, 0o711, 0o700]);
    assert.equal(mode(join(session.folder, 'session.json')), 0o600);
    if (process.getuid?.() !== 0) return;
    assert.deepEqual([lstatSync(session.home).uid, lstatSync(session.folder).uid], [65534, 0]);
    assert.equal(session.record.owner, 65534);
  });

  it('knows no other conversation', async () => {
    await assert.rejects(store.resume(newRunId(), newRunId()), { code: 'unknown-run', fix: /new task/ });
    const session = await create();
    session.release();
    writeFileSync(join(session.folder, 'session.json'), '{"format":1');
    await assert.rejects(store.resume(session.id, newRunId()), { code: 'unknown-run' });
    // One that cannot be read is in nobody's use.
    await assert.rejects(store.resume(session.id, newRunId()), { code: 'unknown-run' });
    const odd = newRunId();
    symlinkSync('/etc', join(folder, odd));
    await assert.rejects(store.resume(odd, newRunId()), { code: 'unknown-run' });
  });

  it('is had by one run at a time, whichever server asks', async () => {
    const session = await create();
    for (const at of [store, server('there')])
      await assert.rejects(at.resume(session.id, newRunId()), { code: 'busy', fix: /stop it/ });
    session.release();
    session.release();
    const asked = await Promise.allSettled(
      [store, store, server('there'), server('there')].map((at) => at.resume(session.id, newRunId())),
    );
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const each of asked)
      if (each.status === 'rejected') assert.equal((each.reason as { code: string }).code, 'busy');
  });

  it('is taken over from a server that is dead, also by one at the same address', async () => {
    const { id } = await create();
    alive.delete('here');
    const taken = await server('there').resume(id, newRunId());
    await assert.rejects(server('elsewhere').resume(id, newRunId()), { code: 'busy' });
    taken.release();
    const own = await create();
    await assert.rejects(store.resume(own.id, newRunId()), { code: 'busy' });
    (await server('here').resume(own.id, newRunId())).release();
  });

  it('is resumed again by the run that was cut off in resuming it', async () => {
    const session = await create();
    session.release();
    const runId = newRunId();
    symlinkSync(session.id, join(folder, runId));
    const again = await store.resume(session.id, runId);
    assert.deepEqual(again.record.runs, [session.id, runId]);
    again.release();
    const other = await create();
    other.release();
    await assert.rejects(store.resume(other.id, runId), { code: 'EEXIST' });
    (await store.resume(other.id, newRunId())).release();
  });

  it('forgets what is old, with its runs, and what a killed server has not finished', async () => {
    const [old, recent] = [await ended(15 * 24), await ended(13 * 24)];
    const [run, lost] = [newRunId(), newRunId()];
    symlinkSync(old, join(folder, run));
    symlinkSync(recent, join(folder, lost));
    for (const name of ['.new-1', '.new-2', '.removed-1'])
      mkdirSync(join(folder, name, 'home'), { recursive: true });
    utimesSync(join(folder, '.new-1'), 0, 0);
    if (process.getuid?.() !== 0) chmodSync(join(folder, '.removed-1', 'home'), 0);
    await store.prune();
    assert.deepEqual(readdirSync(folder).sort(), ['.new-2', recent, lost].sort());
    assert.equal(readlinkSync(join(folder, lost)), recent);
  });

  it('forgets the least used of too many, none in use and none of the last hour', async () => {
    const going = await create();
    writeFileSync(join(going.home, 'file'), Buffer.alloc(5_000_000));
    going.update({ usedAt: 0 });
    const [a, b, c, d] = [
      await ended(4, 1_000_000),
      await ended(3, 1_000_000),
      await ended(2, 1_000_000),
      await ended(0.5, 9_000_000),
    ];
    await store.prune({ maxBytes: 15_500_000 });
    assert.deepEqual(ids().sort(), [going.id, c, d].sort());
    await server('there').prune({ maxBytes: 0, maxAgeMs: 0 });
    assert.deepEqual(ids().sort(), [going.id, d].sort());
    assert(!existsSync(join(folder, a)) && !existsSync(join(folder, b)));
    going.update({ conversation: 'still there' });
  });

  it('counts a session again once another run has worked in it', async () => {
    const id = await ended(2, 1_000_000);
    await store.prune({ maxBytes: 10_000_000 });
    const session = await store.resume(id, newRunId());
    writeFileSync(join(session.home, 'more'), Buffer.alloc(20_000_000));
    session.update({ usedAt: Date.now() - 2 * 3600 * 1000 });
    const record = readFileSync(join(session.folder, 'session.json'));
    session.release();
    writeFileSync(join(session.folder, 'session.json'), record);
    await store.prune({ maxBytes: 10_000_000 });
    assert(!existsSync(join(folder, id)));
  });

  describe('by its locks', () => {
    const take = (owner: string, isAlive: (owner: string) => boolean | Promise<boolean>) =>
      SessionLock.take(folder, owner, isAlive);

    it('gives a free or a dead one to one of all who ask at once', async () => {
      for (const first of ['free', 'dead'] as const) {
        const lock = await take('first', () => false);
        if (first === 'free') lock?.release();
        const asked = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            take(String(i), async (owner) => {
              await new Promise((resolve) => setTimeout(resolve, i % 3));
              return owner !== 'first';
            }),
          ),
        );
        assert.equal(asked.filter((each) => each !== undefined).length, 1);
        for (const each of asked) each?.release();
      }
    });

    it('gives none to who looked before others had it and gave it back', async () => {
      await take('dead', () => false);
      let others: (SessionLock | undefined)[] = [];
      const late = await take('late', async () => {
        const second = await take('second', () => false);
        second?.release();
        others = [second, await take('third', () => false)];
        return false;
      });
      assert.deepEqual([late, others.length, others.includes(undefined)], [undefined, 2, false]);
      assert.equal(await take('fourth', (owner) => owner === 'third'), undefined);
    });
  });
});
