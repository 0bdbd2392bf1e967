import assert from 'node:assert/strict';
import { keysOf } from '../../support/store/entries.ts';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AddressedStore } from '../../../backend/src/store/addressed-store.ts';
import { DiskStore } from '../../../backend/src/store/disk-store.ts';
import { S3Store } from '../../../backend/src/store/s3-store.ts';
import { Moto } from '../../support/aws/moto.ts';
import { startS3Server, type S3Server } from '../../support/store/s3-server.ts';
import { shortFolder } from '../../support/target/local-target.ts';
import { describeAddresses, describeSignedAddresses } from './describe-addresses.ts';
import { describeStore } from './describe-store.ts';

type Place = Pick<S3Server, 'endpoint' | 'region' | 'bucket' | 'owner' | 'credentials'>;

const s3Store = (
  { endpoint, region, bucket, owner, credentials }: Place,
  other: Partial<Place> = {},
): S3Store =>
  new S3Store({
    bucket: other.bucket ?? bucket,
    owner: other.owner ?? owner,
    client: {
      endpoint,
      region,
      credentials: other.credentials ?? credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    },
  });

describe('a store on a disk', () => {
  const folder = shortFolder();
  const store = new DiskStore(folder);
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  describeStore(() => store);

  it('has no names that lead out of its folder', async () => {
    for (const key of ['../x', 'a/../../x', '/etc/x', 'a//b', '.incoming/x', ''])
      await assert.rejects(store.put(key, Buffer.from('x')), { code: 'unsafe-path' }, key);
  });
});

describe('a store on a disk with addresses', () => {
  const folder = shortFolder();
  let server: Server;
  let store: AddressedStore;
  before(async () => {
    server = createServer((request, response) => {
      store.answer(request.url?.slice('/below'.length) ?? '', request, response).catch((error: unknown) => {
        response.destroy(error as Error);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    store = new AddressedStore(folder, `http://127.0.0.1:${String(port)}/below`);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  describeAddresses(() => store);
  describeSignedAddresses(() => store);

  it('answers nobody who makes one up', async () => {
    const { url } = await store.presign('GET', 'p/mine', 60);
    await store.put('p/mine', Buffer.from('mine'));
    assert.equal((await fetch(url)).status, 200);
    for (const made of [url.replace(/signature=[^&]+/, 'signature='), url.replace(/\?.*/, '')])
      assert.equal((await fetch(made)).status, 403, made);
  });
});

describe('a store in S3', () => {
  let server: S3Server;
  let store: S3Store;
  before(async () => {
    server = await startS3Server();
    store = s3Store(server);
  });
  afterEach(() => {
    server.onRequest = undefined;
  });
  after(() => server.dispose());
  describeStore(() => store);
  describeAddresses(() => store);
  describeSignedAddresses(() => store);

  it('asks again where another write is under way, and gives up in the end', async () => {
    let conflicts = 2;
    server.onRequest = () =>
      conflicts-- > 0 ? { status: 409, code: 'ConditionalRequestConflict' } : undefined;
    assert.notEqual(await store.put('h/claim', Buffer.from('x'), { ifNoneMatch: '*' }), undefined);
    server.onRequest = () => ({ status: 409, code: 'ConditionalRequestConflict' });
    await assert.rejects(store.put('h/other', Buffer.from('x'), { ifNoneMatch: '*' }), {
      code: 'interrupted',
    });
  });

  it('says what is wrong with the bucket, the owner and the rights', async () => {
    await assert.rejects(s3Store(server, { bucket: 'gone' }).get('x'), {
      code: 'no-backend',
      fix: /[Dd]eploy/,
    });
    const stranger = s3Store(server, { owner: '000000000000' });
    await assert.rejects(stranger.get('x'), { code: 'unauthorized' });
    await assert.rejects(stranger.put('x', Buffer.from('x')), { code: 'unauthorized' });
    await assert.rejects(keysOf(stranger.list('')), { code: 'unauthorized' });
    server.onRequest = () => ({ status: 503, code: 'SlowDown' });
    await assert.rejects(store.get('x'), { code: 'interrupted' });
  });
});

describe('a store in S3, by a server that is not ours', () => {
  let server: Moto | undefined;
  before(async function () {
    server = await Moto.start(this);
  });
  after(() => server?.dispose());
  const store = (): S3Store => {
    assert(server !== undefined);
    return s3Store(server);
  };
  describeStore(store);
  describeAddresses(store);
});
