import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { SessionStore } from '../../../backend/src/sessions/session-store.ts';
import { placeTree } from '../../../backend/src/sessions/session-tree.ts';
import type { Session } from '../../../backend/src/sessions/session.ts';
import { collectChanges } from '../../../backend/src/workspace/collect.ts';
import { newRunId } from '../../../src/core/program/program.ts';
import { eventually } from '../../support/target/eventually.ts';
import { gathered, hashOf, putTree, treeIn, type Tree } from '../../support/workspace/trees.ts';

describe("a session's workspace", () => {
  let base: string;
  let store: BlobStore;
  let sessions: SessionStore;
  const signal = new AbortController().signal;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'v-'));
    store = new BlobStore(join(base, 'blobs'));
    sessions = new SessionStore(join(base, 'sessions'), 'here', () => Promise.resolve(false));
  });
  afterEach(() => {
    store.dispose();
    rmSync(base, { recursive: true, force: true });
  });

  const place = async (session: Session, tree: Tree | undefined) => {
    const name = tree === undefined ? undefined : await putTree(store, tree);
    const { prepared, notices } = await placeTree(session, name, store, 10 ** 9, signal);
    const changes = () =>
      gathered(collectChanges(session.workspace, join(base, 'own'), prepared, 10 ** 9)).then(
        (all) => all.changes,
      );
    return { prepared, notices, changes };
  };
  const create = () => sessions.create(newRunId(), { agent: 'claude', owner: undefined });
  const resume = async (session: Session): Promise<Session> => {
    session.release();
    return sessions.resume(session.id, newRunId());
  };
  const put = (session: Session, path: string, text: string): void => {
    writeFileSync(join(session.workspace, path), text);
  };

  it('goes from one run to the next, with what the user has changed in between', async () => {
    let session = await create();
    const first = await place(session, { a: 'a', b: 'b' });
    assert.deepEqual(await first.changes(), []);
    put(session, 'a', "agent's");
    put(session, 'made', "agent's");
    assert.deepEqual(await first.changes(), ['create made', 'modify a']);
    session = await resume(session);
    // The user has accepted one and changed another.
    const second = await place(session, { a: "agent's", b: "user's" });
    assert.deepEqual([await second.changes(), second.notices], [['create made'], []]);
    session = await resume(session);
    const third = await place(session, { a: "user's", b: "user's", made: "user's" });
    assert.deepEqual(await third.changes(), ['modify made']);
    assert.deepEqual(
      third.notices.map((notice) => notice.type === 'notice' && notice.code),
      ['kept-agents-version'],
    );
    const names = readdirSync(session.folder).filter((name) => name.startsWith('tree-'));
    assert.deepEqual(names, [`tree-${session.record.tree ?? ''}.json`]);
    session.release();
  });

  it('needs no snapshot: it begins with no files, and goes on with those that are there', async () => {
    let session = await create();
    const first = await place(session, undefined);
    put(session, 'made', 'x');
    assert.deepEqual(await first.changes(), ['create made']);
    session = await resume(session);
    assert.deepEqual(await (await place(session, undefined)).changes(), ['create made']);
    session = await resume(session);
    assert.deepEqual(await (await place(session, { made: 'x', more: 'y' })).changes(), []);
    session = await resume(session);
    assert.deepEqual(await (await place(session, undefined)).changes(), []);
    session.release();
  });

  it('does not read again what it knows, and reads all where the stamps are lost or another’s', async () => {
    let session = await create();
    const tree = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`f${String(i)}`, String(i)]));
    const known = ({ prepared }: Awaited<ReturnType<typeof place>>): number =>
      [...prepared.snapshot.values()].filter((entry) => entry.kind === 'file' && entry.stamp !== undefined)
        .length;
    const first = known(await place(session, tree));
    assert(first > 0);
    session = await resume(session);
    assert.equal(known(await place(session, tree)), first);
    for (const spoil of ['', '{}', '{"tree":null,"stamps":[]}']) {
      writeFileSync(join(session.folder, 'stamps.json'), spoil);
      session = await resume(session);
      put(session, 'f7', 'changed');
      const placed = await place(session, tree);
      assert.equal(known(placed), 0);
      assert.deepEqual(await placed.changes(), ['modify f7']);
    }
    unlinkSync(join(session.folder, 'stamps.json'));
    session = await resume(session);
    const placed = await place(session, { ...tree, f8: "user's" });
    assert.deepEqual(await placed.changes(), ['modify f7']);
    session.release();
  });

  it('outlives the blobs that it was made of', async () => {
    let session = await create();
    await place(session, { a: 'a', b: 'b' });
    put(session, 'a', "agent's");
    rmSync(join(base, 'blobs'), { recursive: true });
    session = await resume(session);
    assert.deepEqual(await (await place(session, undefined)).changes(), ['modify a']);
    session.release();
  });

  it('begins anew where it was never whole', async () => {
    let session = await create();
    await assert.rejects(placeTree(session, hashOf('none'), store, 10 ** 9, signal), {
      code: 'unknown-snapshot',
    });
    session = await resume(session);
    const name = await putTree(store, { a: 'a' });
    const reason = new Error('told to');
    await assert.rejects(placeTree(session, name, store, 10 ** 9, AbortSignal.abort(reason)), reason);
    session = await resume(session);
    assert.deepEqual(await (await place(session, { b: 'b' })).changes(), []);
    assert.deepEqual(treeIn(session.workspace), { b: 'b' });
    session.release();
  });

  it('goes on after tasks that were stopped while the user’s tree was brought in', async () => {
    let session = await create();
    await place(session, { a: '1', b: '1' });
    for (const version of ['2', '3']) {
      session = await resume(session);
      const name = await putTree(store, { a: version, b: version });
      await assert.rejects(placeTree(session, name, store, 10 ** 9, AbortSignal.abort(new Error('told to'))));
      // As if it had come that far.
      put(session, version === '2' ? 'a' : 'b', version);
    }
    session = await resume(session);
    const placed = await place(session, { a: '4', b: '4' });
    assert.deepEqual([await placed.changes(), placed.notices], [[], []]);
    assert.deepEqual(treeIn(session.workspace), { a: '4', b: '4' });
    assert.equal(session.record.next, undefined);
    session.release();
  });

  describe('after its server was killed', () => {
    const program = fileURLToPath(new URL('../../support/workspace/place-and-wait.ts', import.meta.url));
    const many = (version: string): Tree =>
      Object.fromEntries(
        Array.from({ length: 4000 }, (_, i) => [
          `d${String(i % 10)}/f${String(i)}`,
          `${version} ${String(i)}`,
        ]),
      );
    /** Has another process place a tree, and kills it when this is so. */
    const killed = async (args: string[], when: () => boolean): Promise<boolean> => {
      const child = spawn(process.execPath, [program, base, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let placed = false;
      child.stdout.once('data', () => {
        placed = true;
      });
      await eventually(() => placed || when());
      child.kill('SIGKILL');
      await once(child, 'exit');
      return placed;
    };
    const count = (path: string): number => {
      try {
        return readdirSync(path).length;
      } catch {
        return 0;
      }
    };

    it('in writing the first tree, begins anew', async () => {
      const runId = newRunId();
      const workspace = join(base, 'sessions', runId, 'workspace');
      const name = await putTree(store, many('1'));
      assert.equal(await killed([runId, name], () => count(join(workspace, 'd3')) > 20), false);
      const session = await sessions.resume(runId, newRunId());
      const placed = await place(session, many('2'));
      assert.deepEqual(await placed.changes(), []);
      assert.deepEqual(treeIn(workspace), many('2'));
      session.release();
    });

    it('in bringing in another, goes on with a third', async () => {
      let session = await create();
      await place(session, many('1'));
      put(session, 'd1/f1', "agent's");
      session.release();
      const name = await putTree(store, many('2'));
      const incoming = join(session.folder, 'incoming');
      assert.equal(await killed([newRunId(), name, session.id], () => count(incoming) > 0), false);
      session = await sessions.resume(session.id, newRunId());
      const placed = await place(session, many('3'));
      assert.deepEqual(await placed.changes(), ['modify d1/f1']);
      assert.deepEqual(treeIn(session.workspace), { ...many('3'), 'd1/f1': "agent's" });
      session.release();
    });

    it('while an agent worked, keeps all that it did', async () => {
      const runId = newRunId();
      const name = await putTree(store, { a: 'a', b: 'b' });
      assert.equal(await killed([runId, name], () => false), true);
      writeFileSync(join(base, 'sessions', runId, 'workspace', 'a'), "agent's");
      await sleep(1);
      const session = await sessions.resume(runId, newRunId());
      assert.deepEqual(await (await place(session, { a: 'a', b: "user's" })).changes(), ['modify a']);
      session.release();
    });
  });
});
