import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobStore } from '../../../backend/src/blobs/blob-store.ts';
import type { PutPart } from '../../../src/protocol/request.ts';
import { MAX_SNAPSHOT_FILE_BYTES } from '../../../src/protocol/snapshot.ts';
import { skip } from '../../support/reporting/skip.ts';
import { eventually } from '../../support/target/eventually.ts';
import { hashOf, wholePart } from '../../support/workspace/trees.ts';

describe('the store of blobs', () => {
  let folder: string;
  let store: BlobStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'b-'));
    store = new BlobStore(folder);
  });
  afterEach(() => {
    store.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const incoming = (): string[] => readdirSync(join(folder, 'incoming'));
  /** A content cut at these places. */
  const parts = (content: Buffer, ...cuts: number[]): PutPart[] =>
    [0, ...cuts].map((offset, index) => ({
      hash: hashOf(content),
      offset,
      base64: content.subarray(offset, cuts[index]).toString('base64'),
      last: index === cuts.length,
    }));
  const age = (hash: string, hours: number): void => {
    const then = new Date(Date.now() - hours * 3600 * 1000);
    utimesSync(store.file(hash), then, then);
  };

  it('keeps what is put, closed to others, and says what is missing', async () => {
    const contents = ['', 'text', Buffer.from([0, 255, 13, 10]), randomBytes(1_000_000)];
    const hashes = contents.map(hashOf);
    assert.deepEqual(await store.missing([...hashes, hashes[0] ?? '']), hashes);
    await store.put(contents.map((content) => wholePart(content)));
    assert.deepEqual(await store.missing(hashes), []);
    for (const [index, hash] of hashes.entries()) {
      assert.deepEqual(readFileSync(store.file(hash)), Buffer.from(contents[index] ?? ''));
      assert.equal(lstatSync(store.file(hash)).mode & 0o777, 0o600);
    }
    assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(incoming(), []);
  });

  it('takes parts of one in several requests, also through another one in between', async () => {
    const content = randomBytes(300_000);
    const [first, second, third] = parts(content, 100_000, 200_001);
    assert(first !== undefined && second !== undefined && third !== undefined);
    await store.put([first]);
    assert.deepEqual(await store.missing([hashOf(content)]), [hashOf(content)]);
    await store.put([wholePart('other'), second]);
    await store.put([third]);
    assert.deepEqual(readFileSync(store.file(hashOf(content))), content);
    assert.deepEqual(incoming(), []);
  });

  it('takes an empty one in two parts', async () => {
    const [only] = parts(Buffer.alloc(0));
    assert(only !== undefined);
    await store.put([{ ...only, last: false }]);
    await store.put([only]);
    assert.equal(readFileSync(store.file(hashOf(''))).length, 0);
  });

  for (const [name, change] of [
    ['leaves a gap', { offset: 11 }],
    ['begins before the last one has ended', { offset: 9 }],
  ] as const) {
    it(`refuses a part that ${name}, and keeps nothing of it`, async () => {
      const content = randomBytes(20);
      const [first, second] = parts(content, 10);
      assert(first !== undefined && second !== undefined);
      await store.put([first]);
      await assert.rejects(store.put([{ ...second, ...change }]), { code: 'bad-request', fix: /beginning/ });
      assert.deepEqual(incoming(), []);
      await assert.rejects(store.put([second]), { code: 'bad-request' });
      await store.put([first, second]);
      assert.deepEqual(await store.missing([hashOf(content)]), []);
    });
  }

  it('refuses a content of another hash, whole or in parts, and keeps the others of the request', async () => {
    const wrong = hashOf('something else');
    await assert.rejects(store.put([wholePart('good'), wholePart('bad', wrong)]), {
      code: 'bad-request',
      message: new RegExp(wrong),
    });
    assert.deepEqual(await store.missing([hashOf('good'), wrong]), [wrong]);
    const inParts = parts(randomBytes(20), 10).map((part) => ({ ...part, hash: wrong }));
    await assert.rejects(store.put(inParts), { code: 'bad-request' });
    assert.deepEqual(await store.missing([wrong]), [wrong]);
    assert.deepEqual(incoming(), []);
  });

  it('refuses one that is larger than any may be', async () => {
    const [first] = parts(randomBytes(20), 10);
    assert(first !== undefined);
    await store.put([first]);
    await assert.rejects(store.put([{ ...first, offset: MAX_SNAPSHOT_FILE_BYTES }]), { code: 'too-large' });
    assert.deepEqual(incoming(), []);
  });

  it('takes the same one twice, and from two clients and two servers at once', async () => {
    const content = randomBytes(500_000);
    const other = new BlobStore(folder);
    const all = parts(content, 100_000, 200_000, 300_000);
    const send = async (to: BlobStore): Promise<void> => {
      for (const part of all) await to.put([part]);
    };
    await Promise.all([send(store), send(store), send(other), store.put([wholePart(content)])]);
    await send(other);
    assert.deepEqual(readFileSync(store.file(hashOf(content))), content);
    assert.deepEqual(incoming(), []);
    other.dispose();
  });

  it('gives up an upload that nobody goes on with, and all of them at its end', async () => {
    const [first, second] = parts(randomBytes(20), 10);
    assert(first !== undefined && second !== undefined);
    const impatient = new BlobStore(folder, { idleMs: 20 });
    await impatient.put([first]);
    await eventually(() => incoming().length === 0);
    await assert.rejects(impatient.put([second]), { code: 'bad-request' });
    await store.put([first]);
    store.dispose();
    assert.deepEqual(incoming(), []);
  });

  it('forgets what has not been used for long, and uploads of the dead', async () => {
    await store.put([wholePart('old'), wholePart('new')]);
    age(hashOf('old'), 15 * 24);
    for (const name of ['dead', 'living']) writeFileSync(join(folder, 'incoming', name), '');
    utimesSync(join(folder, 'incoming', 'dead'), 0, 0);
    await store.prune();
    assert.deepEqual(await store.missing([hashOf('old'), hashOf('new')]), [hashOf('old')]);
    assert.deepEqual(incoming(), ['living']);
  });

  it('forgets the least used of too many, and never what was used within the hour', async () => {
    const contents = ['a', 'b', 'c', 'd'];
    await store.put(contents.map((content) => wholePart(content)));
    for (const [index, content] of contents.slice(0, 3).entries()) age(hashOf(content), 10 - index);
    await store.prune({ maxBytes: 2 });
    assert.deepEqual(await store.missing(contents.map(hashOf)), [hashOf('a'), hashOf('b')]);
    await store.prune({ maxBytes: 0, maxAgeMs: 0 });
    // Asking for them was using them.
    assert.deepEqual(await store.missing(['c', 'd'].map(hashOf)), []);
  });

  it('keeps what another server marks while it is being looked through', async () => {
    const contents = Array.from({ length: 2000 }, (_, index) => `content ${String(index)}`);
    await store.put(contents.map((content) => wholePart(content)));
    for (const content of contents) age(hashOf(content), 20 * 24);
    const other = new BlobStore(folder);
    const [missing] = await Promise.all([other.missing(contents.map(hashOf)), store.prune()]);
    const there = contents.map(hashOf).filter((hash) => !missing.includes(hash));
    assert.deepEqual(
      there.filter((hash) => !existsSync(store.file(hash))),
      [],
    );
    other.dispose();
  });

  it('notices one that a crash has cut, and asks for it again', async () => {
    await store.put([wholePart('content')]);
    truncateSync(store.file(hashOf('content')), 3);
    await assert.rejects(store.read(hashOf('content'), 100), { code: 'unknown-blob' });
    assert.deepEqual(await store.missing([hashOf('content')]), [hashOf('content')]);
    await assert.rejects(store.read(hashOf('content'), 100), { code: 'unknown-blob' });
    await store.put([wholePart('content')]);
    await assert.rejects(store.read(hashOf('content'), 3), { code: 'too-large' });
    assert.equal((await store.read(hashOf('content'), 100)).toString(), 'content');
  });

  it('goes on when its folder has been removed', async () => {
    rmSync(folder, { recursive: true });
    await store.put([wholePart('x')]);
    assert.deepEqual(await store.missing([hashOf('x')]), []);
  });

  it('says that the disk is full, and keeps nothing of what did not fit', function () {
    const program = fileURLToPath(new URL('../../support/workspace/fill-blob-store.ts', import.meta.url));
    const mounted = 'mount -t tmpfs -o size=4m tmpfs "$1" && shift && exec "$@"';
    const result = spawnSync(
      'unshare',
      ['--mount', '--map-root-user', 'sh', '-c', mounted, 'sh', folder, process.execPath, program, folder],
      { encoding: 'utf8' },
    );
    if (result.error !== undefined || /unshare|mount:/.test(result.stderr))
      skip(this, 'no file system of its own can be mounted here');
    assert.deepEqual(JSON.parse(result.stdout), {
      code: 'internal',
      message: `There is no room left on the disk that holds ${folder}.`,
      fix: 'Make room there and try again.',
      incoming: [],
      afterwards: 'taken',
    });
  });
});
