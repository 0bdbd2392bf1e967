import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import { upload, type UploadProgress } from '../../../src/core/workspace/upload.ts';
import type { S3Request } from '../../support/store/s3-server.ts';
import { deployedTarget } from '../../support/target/deployed-target.ts';
import { content, run, succeeded } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';
import { hashOf } from '../../support/workspace/trees.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const MB = 1024 * 1024;

describe('contents on their way to a deployed backend', () => {
  const target = targetOf((context) => deployedTarget(context));
  const folder = new TestFolder();
  afterEach(() => {
    target().s3.onRequest = undefined;
    target().endpoint.onCall = undefined;
  });

  /** The sandbox, and the bytes of contents that went through its requests. */
  function watched(): { sandbox: Pick<Sandbox, 'missing' | 'put' | 'putWhole'>; requested: () => number } {
    const { sandbox } = target();
    let bytes = 0;
    const put: Sandbox['put'] = (parts, signal) => {
      bytes += parts.reduce((sum, { base64 }) => sum + Buffer.byteLength(base64, 'base64'), 0);
      return sandbox.put(parts, signal);
    };
    const missing: Sandbox['missing'] = (hashes, signal) => sandbox.missing(hashes, signal);
    return { sandbox: { missing, put, putWhole: sandbox.putWhole }, requested: () => bytes };
  }

  const blob = (tenant: string, bytes: Buffer): string => `blobs/${tenant}/${hashOf(bytes)}`;
  const tenantIn = (keys: Iterable<string>): string =>
    [...keys]
      .map((key) => /^blobs\/([^/]+)\/[0-9a-f]{64}$/.exec(key)?.[1])
      .find((name) => name !== undefined) ?? '';

  it('goes straight to the store where they are large, and the second time not at all', async () => {
    const large = Array.from({ length: 6 }, () => randomBytes(2 * MB + 1));
    for (const [index, bytes] of large.entries()) folder.put(`large/${String(index)}`, bytes);
    for (let index = 0; index < 20; index++) folder.put(`small/${String(index)}`, randomBytes(10_000));
    const taken = await folder.take();
    const { sandbox, requested } = watched();
    const steps: UploadProgress[] = [];
    await upload(sandbox, taken, { onProgress: (step) => steps.push(step) });
    assert.equal(requested(), 20 * 10_000 + taken.manifest.length);
    const tenant = tenantIn(target().s3.objects.keys());
    for (const bytes of large) assert(target().s3.objects.get(blob(tenant, bytes))?.bytes.equals(bytes));
    const total = 6 * (2 * MB + 1) + requested();
    assert.deepEqual(
      [steps[0], steps.at(-1)],
      [
        { sent: 0, total },
        { sent: total, total },
      ],
    );
    const puts = target().s3.counts.get('PUT');
    await upload(sandbox, await folder.take());
    assert.equal(target().s3.counts.get('PUT'), puts);
  });

  it('takes several ways at once', async () => {
    for (let index = 0; index < 4; index++) folder.put(`at-once/${String(index)}`, randomBytes(2 * MB));
    await held({ method: 'PUT', key: /^blobs\// }, 4, async () => {
      await upload(watched().sandbox, await folder.take());
    });
  });

  it('is brought again where the store fails, or its answer is lost', async () => {
    const bytes = randomBytes(3 * MB);
    folder.put('again', bytes);
    const taken = await folder.take();
    const faults = [{ status: 503, code: 'SlowDown' }, 'lost' as const];
    let tries = 0;
    target().s3.onRequest = ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith(hashOf(bytes))) return undefined;
      return faults[tries++];
    };
    const steps: UploadProgress[] = [];
    await upload(watched().sandbox, taken, { onProgress: (step) => steps.push(step) });
    // The one whose answer was lost had been taken.
    assert.equal(tries, 2);
    assert.equal(steps.at(-1)?.sent, steps.at(-1)?.total);
    assert.deepEqual(await target().sandbox.missing([hashOf(bytes)]), []);
  });

  it('says what is wrong where the store refuses it for good', async () => {
    const bytes = randomBytes(2 * MB);
    folder.put('refused', bytes);
    target().s3.onRequest = ({ method, key }) =>
      method === 'PUT' && key.endsWith(hashOf(bytes)) ? { status: 403, code: 'AccessDenied' } : undefined;
    await assert.rejects(upload(watched().sandbox, await folder.take()), (error: Error) => {
      assert.match(error.message, /store of the backend answered 403/);
      assert(!/X-Amz|http/.test(error.message), 'an address is in the message');
      return true;
    });
    folder.put('refused', 'small now');
  });

  it('is not stored where a file has changed since, and is taken anew', async () => {
    folder.put('changing', randomBytes(2 * MB));
    const taken = await folder.take();
    appendFileSync(folder.at('changing'), 'more');
    const { sandbox } = watched();
    const changed = randomBytes(2 * MB);
    folder.put('changing', changed);
    await assert.rejects(upload(sandbox, taken), { code: 'conflict', message: /changing/ });
    const sent = await upload(sandbox, taken, { retake: () => folder.take() });
    assert.deepEqual(await sandbox.missing([sent.hash, hashOf(changed)]), []);
    const old = taken.snapshot.entries.find(({ path }) => path.endsWith('changing'));
    assert(old?.kind === 'file');
    assert.deepEqual(await sandbox.missing([old.hash]), [old.hash]);
  });

  it('ends when it is told to, and goes on with what is missing', async () => {
    const bytes = [randomBytes(2 * MB), randomBytes(2 * MB)];
    for (const [index, each] of bytes.entries()) folder.put(`stopped/${String(index)}`, each);
    const taken = await folder.take();
    const { sandbox } = watched();
    const stopping = new AbortController();
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = bytes;
    target().s3.onRequest = async ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith(hashOf(second))) return undefined;
      while (!isThere(first)) await new Promise((resolve) => setTimeout(resolve, 10));
      stopping.abort(new Error('enough'));
      return { status: 503, code: 'SlowDown' };
    };
    const isThere = (content: Buffer): boolean =>
      [...target().s3.objects.keys()].some((key) => key.endsWith(hashOf(content)));
    await assert.rejects(upload(sandbox, taken, { signal: stopping.signal }), /enough/);
    assert.deepEqual(await sandbox.missing(bytes.map(hashOf)), [hashOf(second)]);
    target().s3.onRequest = undefined;
    await upload(sandbox, taken);
    assert.deepEqual(await sandbox.missing(bytes.map(hashOf)), []);
  });

  it('is brought anew before the store forgets it, and refused where it is too large', async () => {
    const bytes = randomBytes(2 * MB);
    const bring = (size = bytes.length): Promise<void> => {
      const { putWhole } = target().sandbox;
      assert(putWhole !== undefined);
      return putWhole({ hash: hashOf(bytes), size, pieces: () => [bytes] });
    };
    await bring();
    const kept = [...target().s3.objects].find(([key]) => key.endsWith(hashOf(bytes)))?.[1];
    assert(kept !== undefined);
    kept.modified -= 20 * 24 * 3600 * 1000;
    assert.deepEqual(await target().sandbox.missing([hashOf(bytes)]), [hashOf(bytes)]);
    await bring();
    assert.deepEqual(await target().sandbox.missing([hashOf(bytes)]), []);
    await assert.rejects(bring(5 * 1024 ** 3 + 1), { code: 'too-large' });
  });

  it('comes back, too, where the store fails in between', async () => {
    const outcome = await run(target(), 'bash', 'head -c 7000000 /dev/urandom > large');
    const faults = [{ status: 503, code: 'SlowDown' }, 'lost' as const];
    let tries = 0;
    target().s3.onRequest = ({ method, url }) =>
      method === 'GET' && url.includes('X-Amz-Signature') ? faults[tries++] : undefined;
    assert.equal((await content(target(), succeeded(outcome), 'large')).length, 7_000_000);
    assert.equal(tries, 3);
  });

  it('comes back whole however often it breaks off, as long as there is more of it each time', async () => {
    const outcome = succeeded(await run(target(), 'bash', 'head -c 7000000 /dev/urandom > large'));
    let tries = 0;
    target().s3.onRequest = ({ method, url }) =>
      method === 'GET' && url.includes('X-Amz-Signature') && ++tries <= 6
        ? { cutAfter: tries * 1_000_000 }
        : undefined;
    const bytes = await content(target(), outcome, 'large');
    assert.equal(hashOf(bytes), outcome.changes.find(({ path }) => path === 'large')?.hash);
    assert.equal(tries, 7);
  });

  it('comes back where control cannot be asked for a while after it broke off', async () => {
    const outcome = succeeded(await run(target(), 'bash', 'head -c 7000000 /dev/urandom > large'));
    let isBroken = false;
    let calls = 0;
    target().s3.onRequest = ({ method, url }) => {
      if (method !== 'GET' || !url.includes('X-Amz-Signature') || isBroken) return undefined;
      isBroken = true;
      return { cutAfter: 1_000_000 };
    };
    // More often than one call is tried.
    target().endpoint.onCall = () =>
      isBroken && ++calls <= 4
        ? new ServiceError('ServiceException', 500, { Message: 'made up' })
        : undefined;
    assert.equal((await content(target(), outcome, 'large')).length, 7_000_000);
    assert(calls > 4, String(calls));
  });

  it('comes back several at once', async () => {
    const ask = target().s3.counts.get('PUT') ?? 0;
    const program = 'for i in $(seq 12); do head -c 100000 /dev/urandom > made$i; done';
    const outcome = await held({ method: 'PUT', key: /^runs\/[^/]+\/blobs\// }, 4, () =>
      run(target(), 'bash', program),
    );
    assert.equal(succeeded(outcome).changes.length, 12);
    assert((target().s3.counts.get('PUT') ?? 0) >= ask + 12);
    for (const { path } of outcome.changes)
      assert.equal((await content(target(), outcome, path)).length, 100_000);
  });

  /** Lets requests pass once so many of them wait. */
  async function held<T>(
    { method, key }: { method: string; key: RegExp },
    many: number,
    act: () => Promise<T>,
  ): Promise<T> {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    let waiting = 0;
    target().s3.onRequest = async (request: S3Request) => {
      if (request.method !== method || !key.test(request.key)) return undefined;
      if (++waiting === many) open();
      await opened;
      return undefined;
    };
    return act();
  }
});
