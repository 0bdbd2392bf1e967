import assert from 'node:assert/strict';
import type { DeployEvent } from '../../../src/core/deploy/deploy.ts';
import { outcomes, withAccount } from '../../support/aws/deploying.ts';

describe('what a deploy leaves of the ones before', () => {
  const account = withAccount();

  /** Makes all that is there older than what is spared. */
  function age(): void {
    const { aws } = account();
    const time = new Date(Date.now() - 2 * 3600_000);
    for (const { objects } of aws.s3.buckets.values())
      for (const object of objects.values()) object.time = time;
    for (const images of aws.ecr.repositories.values()) for (const image of images) image.time = time;
  }
  const images = (): (string | undefined)[] =>
    [...account().aws.ecr.repositories.values()].flat().map(({ tag }) => tag?.slice(0, 64));
  const sources = (): string[] =>
    [...account().aws.s3.buckets.values()].flatMap(({ objects }) => [...objects.keys()]);
  const detail = (events: readonly DeployEvent[]): string | undefined =>
    events.flatMap((event) => (event.type === 'step' && event.id === 'tidy' ? [event.detail] : [])).at(-1);
  const log = (events: readonly DeployEvent[]): string =>
    events
      .flatMap((event) => (event.type === 'step' && event.id === 'tidy' ? (event.log ?? []) : []))
      .join('\n');

  it('is removed, and counted', async () => {
    const { deploy, source } = account();
    await deploy();
    age();
    const { events, deployment } = await deploy({}, { source: await source('second') });
    assert.equal(detail(events), '2 removed');
    assert.deepEqual(images(), [deployment.backendHash]);
    assert.deepEqual(sources(), [`sources/${deployment.backendHash}.zip`]);
  });

  it('is removed, too, where the stack went back to what it was', async () => {
    const { aws, deploy, source } = account();
    const { deployment } = await deploy();
    aws.account.fail('resource:Runner', { code: 'x', message: 'The image manifest is not supported' });
    await assert.rejects(deploy({}, { source: await source('second') }));
    assert.equal(aws.cloudformation.stack('offload')?.status, 'UPDATE_ROLLBACK_COMPLETE');
    age();
    assert.equal(detail((await deploy()).events), '2 removed');
    assert.deepEqual(images(), [deployment.backendHash]);
  });

  it('stays where AWS does not remove it, which is told and not counted', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    age();
    aws.ecr.refuses = [...aws.ecr.repositories.values()][0]?.[0]?.digest;
    for (const key of sources())
      aws.s3.refused.set(key, { Code: 'InternalError', Message: 'an internal error' });
    const { events } = await deploy({}, { source: await source('second') });
    assert.equal(outcomes(events)['tidy'], 'skipped');
    assert.match(
      log(events),
      /^sources\/.* stays: an internal error\nsha256:.* stays: Requested image referenced/,
    );
  });

  it('stays where it may not be removed, and the deploy ends well', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    age();
    aws.account.fail('s3:ListObjectsV2', { code: 'AccessDenied', message: 'no', status: 403 });
    const { events } = await deploy({}, { source: await source('second') });
    assert.match(log(events), /Something of before stays: AWS refused the call/);
    assert.equal(images().length, 1);
  });

  it('stays where somebody else has deployed an image of before meanwhile', async () => {
    const { aws, deploy, source } = account();
    const [first, second] = [await source('first'), await source('second')];
    await deploy({}, { source: first });
    await deploy({}, { source: second });
    age();
    let other: Promise<unknown> | undefined;
    aws.account.before('s3:ListObjectsV2', async () => {
      other = deploy({}, { source: first });
      await other;
    });
    const { events } = await deploy({}, { source: second });
    await other;
    const stack = aws.cloudformation.stack('offload');
    const used = stack?.now?.parameters['ImageDigest'];
    const there = [...aws.ecr.repositories.values()].flat().map(({ digest }) => digest);
    assert(used !== undefined && there.includes(used), 'the image in use is there');
    assert.match(log(events), /somebody else changes the stack/);
  });

  it('is not in the way of stopping', async () => {
    const { aws, deploy } = account();
    const stop = new AbortController();
    aws.account.before('s3:ListObjectsV2', () => stop.abort(new Error('stopped')));
    await assert.rejects(deploy({}, { signal: stop.signal }), /stopped/);
  });
});
