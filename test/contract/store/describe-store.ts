import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Store } from '../../../backend/src/store/store.ts';
import { entriesOf, keysOf } from '../../support/store/entries.ts';

const text = async (store: Store, key: string): Promise<string | undefined> =>
  (await store.get(key))?.bytes.toString();

/** What every store does alike. Each test has names of its own. */
export function describeStore(store: () => Store): void {
  it('gives back what was put, the last of it, and nothing where nothing is', async () => {
    assert.equal(await store().get('a/none'), undefined);
    await store().put('a/text', Buffer.from('one'));
    await store().put('a/text', Buffer.from('two'));
    await store().put('a/empty', Buffer.alloc(0));
    assert.equal(await text(store(), 'a/text'), 'two');
    assert.equal(await text(store(), 'a/empty'), '');
  });

  it('keeps a content that is read as it is sent, byte for byte', async () => {
    const parts = Array.from({ length: 20 }, (_, i) => Buffer.alloc(100_000, i));
    const size = 2_000_000;
    await store().put('b/large', {
      size,
      read: () => Readable.from(parts),
    });
    const found = await store().get('b/large');
    assert(found !== undefined);
    assert(found.bytes.equals(Buffer.concat(parts)));
  });

  it('reads no more than is asked for, of what somebody else may have made large', async () => {
    await store().put('b/bound', Buffer.alloc(1000));
    await assert.rejects(store().get('b/bound', { maxBytes: 999 }), { code: 'too-large' });
    const found = await store().get('b/bound', { maxBytes: 1000 });
    assert.equal(found?.bytes.length, 1000);
    assert.equal(await store().get('b/unbound', { maxBytes: 0 }), undefined);
  });

  it('says when it was written, by its own clock, and tells a content from another', async () => {
    const before = Date.now();
    const etag = await store().put('c/time', Buffer.from('one'));
    const found = await store().get('c/time');
    assert(found !== undefined);
    assert.equal(found.etag, etag);
    assert.deepEqual(await store().look('c/time'), {
      key: 'c/time',
      etag,
      size: 3,
      modified: found.modified,
    });
    assert.equal(await store().look('c/none'), undefined);
    assert(Math.abs(found.modified - before) < 60_000, String(found.modified));
    assert.equal(await store().get('c/time', { ifNoneMatch: etag }), undefined);
    assert.notEqual(await store().put('c/time', Buffer.from('two')), etag);
    assert.equal((await store().get('c/time', { ifNoneMatch: etag }))?.bytes.toString(), 'two');
  });

  it('lets the first of those who write only where there is nothing', async () => {
    const attempts = Array.from({ length: 10 }, (_, i) =>
      store().put('d/claim', Buffer.from(String(i)), { ifNoneMatch: '*' }),
    );
    const tags = await Promise.all(attempts);
    const first = tags.findIndex((tag) => tag !== undefined);
    assert.equal(tags.filter((tag) => tag !== undefined).length, 1);
    assert.equal(await text(store(), 'd/claim'), String(first));
    await store().delete('d/claim');
    assert.notEqual(await store().put('d/claim', Buffer.from('again'), { ifNoneMatch: '*' }), undefined);
  });

  it('lets one of those who replace the same content, so that no update is lost', async () => {
    await store().put('e/count', Buffer.from('0'));
    const add = async (): Promise<void> => {
      for (;;) {
        const found = await store().get('e/count');
        assert(found !== undefined);
        const next = Buffer.from(String(Number(found.bytes.toString()) + 1));
        if ((await store().put('e/count', next, { ifMatch: found.etag })) !== undefined) return;
      }
    };
    await Promise.all(Array.from({ length: 8 }, add));
    assert.equal(await text(store(), 'e/count'), '8');
    assert.equal(await store().put('e/none', Buffer.from('x'), { ifMatch: '"0"' }), undefined);
    assert.equal(await text(store(), 'e/none'), undefined);
  });

  it('lists by prefix, in order, from a name on, over as many pages as it takes', async () => {
    const names = Array.from({ length: 250 }, (_, i) => `f/one/${String(i).padStart(6, '0')}`);
    for (let at = 0; at < names.length; at += 25)
      await Promise.all(names.slice(at, at + 25).map((name) => store().put(name, Buffer.from('x'))));
    await store().put('f/one-more', Buffer.from('x'));
    assert.deepEqual(await keysOf(store().list('f/one/')), names);
    assert.deepEqual(await keysOf(store().list('f/one/', names[239])), names.slice(240));
    assert.deepEqual(await keysOf(store().list('f/none/')), []);
    const [entry] = await entriesOf(store().list('f/one-more'));
    assert.partialDeepStrictEqual(entry, { key: 'f/one-more', size: 1 });
  });

  it('forgets what is deleted, and what is not there', async () => {
    await store().put('g/gone', Buffer.from('x'));
    await store().delete('g/gone');
    await store().delete('g/gone');
    assert.equal(await store().get('g/gone'), undefined);
    assert.deepEqual(await keysOf(store().list('g/')), []);
  });
}
