import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { planDeploy } from '../../../src/core/deploy/plan.ts';
import { outcomes, withAccount, type Deploying } from '../../support/aws/deploying.ts';

type Aws = Deploying['aws'];

/** What somebody may delete in the console, and what a deploy of another version then says. */
const DELETED: [what: string, by: (aws: Aws) => void, message: RegExp][] = [
  ['repository', (aws) => aws.ecr.repositories.clear(), /The repository of the stack offload is gone/],
  ['bucket', (aws) => aws.s3.buckets.clear(), /The bucket of the stack offload is gone/],
  [
    'build project',
    (aws) => aws.codebuild.projects.clear(),
    /The build project of the stack offload is gone/,
  ],
  ['secret', (aws) => aws.secrets.texts.clear(), /The secret of the stack offload is gone/],
  [
    'control function',
    (aws) => aws.functions.deployed.delete('offload-control'),
    /The control function of the stack offload is gone/,
  ],
];

describe('a backend of which somebody deleted', () => {
  const account = withAccount();
  const access = { provider: 'messages', key: 'sk-made-up' } as const;

  for (const [what, remove, message] of DELETED) {
    it(`the ${what}, says so, and is there again once it is destroyed and deployed`, async () => {
      const { aws, deploy, destroy, input, source } = account();
      await deploy({}, { access });
      remove(aws);
      // A plan looks for the image alone.
      const planned = planDeploy(await input());
      if (what === 'repository') await assert.rejects(planned, { code: 'stack-blocked', message });
      else await planned;
      const next = what === 'control function' ? {} : { source: await source('second') };
      await assert.rejects(deploy({}, { access: { ...access, key: 'sk-other' }, ...next }), {
        code: 'stack-blocked',
        message,
        fix: /offload destroy.*deploy/s,
      });
      await destroy();
      assert.equal(aws.cloudformation.stack('offload'), undefined);
      const { events } = await deploy({}, { access });
      assert.equal(outcomes(events)['check'], 'done');
    });
  }

  it('the contents of the bucket, is brought to the next version all the same', async () => {
    const { aws, deploy, source } = account();
    await deploy();
    aws.s3.buckets.forEach(({ objects }) => objects.clear());
    assert.equal(outcomes((await deploy()).events)['source'], 'skipped');
    const { events } = await deploy({}, { source: await source('second') });
    assert.deepEqual([outcomes(events)['source'], outcomes(events)['functions']], ['done', 'done']);
  });

  it('the images, has its image built again', async () => {
    const { aws, deploy } = account();
    await deploy();
    aws.ecr.repositories.forEach((images) => images.splice(0));
    const { events } = await deploy();
    assert.deepEqual([outcomes(events)['image'], outcomes(events)['check']], ['done', 'done']);
    assert.equal(aws.codebuild.builds.length, 2);
  });

  it('the text of the secret, or what tokens are signed with, says so and nothing of what is there', async () => {
    const { aws, deploy } = account();
    await deploy();
    for (const text of ['{"signing": sk-made-up', '{}', '{"signing":7}', '"sk-made-up"', '']) {
      for (const arn of aws.secrets.texts.keys()) aws.secrets.texts.set(arn, text);
      await assert.rejects(deploy({}, { access }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'stack-blocked');
        assert.match(error.message, /^The secret of the stack is not as it was made/);
        assert.doesNotMatch(inspect(error), /sk-made/);
        return true;
      });
      assert.deepEqual([...aws.secrets.texts.values()], [text]);
    }
  });

  it('the secret lately, which AWS keeps for some days, says so too', async () => {
    const { aws, deploy } = account();
    await deploy();
    aws.account.fail('secretsmanager:GetSecretValue', {
      code: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await assert.rejects(deploy({}, { access }), { code: 'stack-blocked', message: /The secret .* is gone/ });
  });
});
