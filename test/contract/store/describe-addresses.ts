import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { keysOf } from '../../support/store/entries.ts';
import type { Address, Store } from '../../../backend/src/store/store.ts';

const send = ({ method, url, headers }: Address, body?: string): Promise<Response> =>
  fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });

/** What addresses of stores that have them do alike. */
export function describeAddresses(store: () => Store): void {
  it('lets whoever has an address read and write that one name', async () => {
    const write = await store().presign('PUT', 'p/one', 60);
    assert.equal((await send(write, 'one')).status, 200);
    const read = await store().presign('GET', 'p/one', 60);
    assert.equal(await (await send(read)).text(), 'one');
    const part = await send({ ...read, headers: { ...read.headers, range: 'bytes=1-2' } });
    assert.deepEqual([part.status, await part.text()], [206, 'ne']);
    const none = await store().presign('GET', 'p/none', 60);
    assert.equal((await send(none)).status, 404);
  });

  it('writes once by an address that depends on there being nothing', async () => {
    const address = await store().presign('PUT', 'p/claim', 60, { ifNoneMatch: '*' });
    assert.equal(address.headers['if-none-match'], '*');
    assert(!/if-none-match=/i.test(address.url), 'a condition in the query is none');
    assert.equal((await send(address, 'one')).status, 200);
    assert.equal((await send(address, 'two')).status, 412);
    const found = await store().get('p/claim');
    assert(found !== undefined);
    assert.equal(found.bytes.toString(), 'one');
  });
}

/** What a server that checks signatures and checksums does besides. */
export function describeSignedAddresses(store: () => Store): void {
  it('takes by an address that names a content nothing else', async () => {
    const hash = createHash('sha256').update('named').digest('hex');
    const address = await store().presign('PUT', 'p/named', 60, undefined, hash);
    assert(!/checksum-sha256=/i.test(address.url), 'a checksum in the query may not be heeded');
    assert.equal((await send(address, 'other')).status, 400);
    const { 'x-amz-checksum-sha256': _, ...headers } = address.headers;
    const others = createHash('sha256').update('other').digest('base64');
    for (const own of [{}, { 'x-amz-checksum-sha256': others }]) {
      const forged = { ...address, headers: { ...headers, ...own } };
      assert.equal((await send(forged, 'other')).status, 403);
    }
    assert.equal(await store().look('p/named'), undefined);
    assert.equal((await send(address, 'named')).status, 200);
  });

  it('is not to be turned into another one', async () => {
    const address = await store().presign('PUT', 'p/mine', 60, { ifNoneMatch: '*' });
    const { url, headers } = address;
    const others: Address[] = [
      { ...address, headers: { ...headers, 'if-none-match': '"x"' } },
      { ...address, headers: {} },
      { ...address, url: url.replace('p/mine', 'p/theirs') },
      { ...address, url: url.replace(/expires=\d+/i, (said) => `${said}0`) },
      { ...address, method: 'GET' },
    ];
    for (const other of others) {
      const { status } = await send(other, other.method === 'GET' ? undefined : 'x');
      assert.equal(status, 403, JSON.stringify(other));
    }
    assert.deepEqual(await keysOf(store().list('p/mine')), []);
    assert.deepEqual(await keysOf(store().list('p/theirs')), []);
  });

  it('expires', async () => {
    const address = await store().presign('GET', 'p/one', 0);
    assert.equal((await send(address)).status, 403);
  });
}
