import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import { readSnapshot } from '../../../backend/src/workspace/read-snapshot.ts';
import { writeSnapshot } from '../../../backend/src/workspace/write-snapshot.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { upload, type UploadProgress } from '../../../src/core/workspace/upload.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { parseRequest } from '../../../src/protocol/decode.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { treeIn } from '../../support/workspace/trees.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

type Receiver = Pick<Sandbox, 'missing' | 'put' | 'putWhole'>;

describe('sending a snapshot', () => {
  const folder = new TestFolder();
  let store: BlobStore;
  let requests: number[];
  let receiver: Receiver;
  beforeEach(() => {
    store = new BlobStore(join(folder.base, 'blobs'));
    requests = [];
    // The backend's own store, behind requests as they would travel.
    receiver = {
      putWhole: undefined,
      missing: (hashes) => {
        parseRequest({ kind: 'missing', version: PROTOCOL_VERSION, hashes });
        return store.missing(hashes);
      },
      put: async (parts) => {
        const text = JSON.stringify({ kind: 'put', version: PROTOCOL_VERSION, parts });
        requests.push(text.length);
        parseRequest(JSON.parse(text));
        await store.put(parts);
      },
    };
  });
  afterEach(() => {
    store.dispose();
  });
  const { signal } = new AbortController();

  it('brings the whole of it, and the second time nothing', async () => {
    for (let index = 0; index < 200; index++) folder.put(`small/${String(index)}`, randomBytes(50_000));
    folder.put('large', randomBytes(9_000_001));
    folder.put('exact', randomBytes(2 * 1024 * 1024));
    folder.put('empty', '');
    folder.put('again', readFileSync(folder.at('large')));
    folder.put('run', '#!', 0o755);
    folder.link('link', 'large');
    const unsaved = new Map([[folder.at('editor'), 'unsaved']]);
    const taken = await folder.take({ unsaved });
    const progress: UploadProgress[] = [];
    assert.equal(await upload(receiver, taken, { onProgress: (step) => progress.push(step) }), taken);

    assert.ok(
      Math.max(...requests) <= 4 * 1024 * 1024 + 1000,
      `a request has ${String(Math.max(...requests))}`,
    );
    assert.ok(requests.length >= 7);
    const total = 200 * 50_000 + 9_000_001 + 2 * 1024 * 1024 + 2 + 7 + taken.manifest.length;
    assert.deepEqual(progress[0], { sent: 0, total });
    assert.deepEqual(progress.at(-1), { sent: total, total });
    assert.ok(progress.every(({ sent }, index) => index === 0 || sent > (progress[index - 1]?.sent ?? 0)));

    const target = join(folder.base, 'written');
    await writeSnapshot(
      { folder: target, owner: undefined },
      await readSnapshot(store, taken.hash),
      store,
      signal,
    );
    folder.put('editor', 'unsaved');
    assert.deepEqual(treeIn(target), treeIn(folder.root));

    requests.length = 0;
    await upload(receiver, await folder.take({ unsaved }));
    assert.deepEqual(requests, []);
    folder.put('small/3', 'changed');
    await upload(receiver, await folder.take({ unsaved }));
    assert.equal(requests.length, 1);
  });

  it('names a file that has changed since, and brings nothing under a wrong hash', async () => {
    for (const change of [
      () => folder.put('a/file', 'other'),
      () => folder.put('a/file', 'longer than before'),
      () => {
        unlinkSync(folder.at('a/file'));
      },
      () => {
        unlinkSync(folder.at('a/file'));
        symlinkSync('/etc/hostname', folder.at('a/file'));
      },
    ]) {
      folder.put('a/file', 'first');
      const taken = await folder.take();
      change();
      const { message } = await rejectionOf(upload(receiver, taken), 'conflict');
      assert.match(message, /^a\/file has changed while/);
      rmSync(folder.at('a/file'), { force: true });
      assert.equal((await store.missing([taken.hash])).length, 1);
    }
  });

  it('takes a file that grows as it was', async () => {
    folder.put('log', 'line 1\n');
    const taken = await folder.take();
    folder.put('log', 'line 1\nline 2\n');
    await upload(receiver, taken);
    const [entry] = taken.snapshot.entries;
    assert.equal(readFileSync(store.file(entry?.kind === 'file' ? entry.hash : ''), 'utf8'), 'line 1\n');
  });

  it('takes the snapshot again where it can, and gives the one that was sent', async () => {
    folder.put('file', 'first');
    const taken = await folder.take();
    folder.put('file', 'second');
    let retakes = 0;
    const retake = (): Promise<typeof taken> => {
      retakes += 1;
      return folder.take();
    };
    const sent = await upload(receiver, taken, { retake });
    assert.equal(retakes, 1);
    assert.notEqual(sent.hash, taken.hash);
    assert.deepEqual(await store.missing([sent.hash]), []);
    folder.put('file', 'third');
    await rejectionOf(
      upload(receiver, taken, {
        retake: () => {
          retakes += 1;
          return Promise.resolve(taken);
        },
      }),
      'conflict',
    );
    assert.equal(retakes, 4);
  });

  it('ends with what the sandbox fails with, and asks for nothing after', async () => {
    for (let index = 0; index < 20; index++) folder.put(String(index), randomBytes(2_000_000));
    const taken = await folder.take();
    const puts: Promise<void>[] = [];
    const failing: Receiver = {
      putWhole: undefined,
      missing: (hashes) => receiver.missing(hashes),
      put: (parts) => {
        puts.push(
          puts.length === 1 ? Promise.reject(new OffloadError('busy', 'not now')) : receiver.put(parts),
        );
        return puts.at(-1) ?? Promise.resolve();
      },
    };
    await rejectionOf(upload(failing, taken), 'busy');
    const then = puts.length;
    assert.ok(then <= 4);
    await Promise.allSettled(puts);
    await setImmediate();
    assert.equal(puts.length, then);
    // What has come so far is not sent again.
    requests.length = 0;
    await upload(receiver, taken);
    assert.deepEqual(await store.missing([taken.hash]), []);
  });

  it('is given up when the signal says so', async () => {
    for (let index = 0; index < 20; index++) folder.put(String(index), randomBytes(2_000_000));
    const taken = await folder.take();
    const controller = new AbortController();
    const reason = new Error('enough');
    const sending = upload(receiver, taken, {
      signal: controller.signal,
      onProgress: ({ sent }) => {
        if (sent > 0) controller.abort(reason);
      },
    });
    await assert.rejects(sending, reason);
    assert.ok(requests.length <= 4);
    assert.equal((await store.missing([taken.hash])).length, 1);
  });
});

async function rejectionOf(promise: Promise<unknown>, code: string): Promise<OffloadError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof OffloadError, String(error));
  assert.equal(error.code, code);
  return error;
}
