import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedRequest } from '../../../backend/src/control/stored-requests.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { blobKey } from '../../../backend/src/store/run-keys.ts';

describe('a request that was too large to be sent', () => {
  const hash = 'a'.repeat(64);
  let folder: string;
  let store: DiskStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'offload-stored-'));
    store = new DiskStore(folder);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (text: string | Buffer) => store.put(blobKey('own', hash), Buffer.from(text));

  it('is read from the store, with what must not be stored', async () => {
    await put('{"kind":"task"}');
    assert.deepEqual(await storedRequest(store, 'own', { hash }), { kind: 'task' });
    assert.deepEqual(await storedRequest(store, 'own', { hash, access: 1 }), { kind: 'task', access: 1 });
  });

  it('is refused where it is not there, too large, or no request', async () => {
    await assert.rejects(storedRequest(store, 'own', { hash }), { code: 'unknown-blob' });
    await put('{"kind":"ta');
    await assert.rejects(storedRequest(store, 'own', { hash }), { code: 'bad-request', message: /no JSON/ });
    await put(Buffer.alloc(65 * 1024 * 1024, ' '));
    await assert.rejects(storedRequest(store, 'own', { hash }), { code: 'too-large' });
    await assert.rejects(storedRequest(store, 'another', { hash }), { code: 'unknown-blob' });
  });
});
