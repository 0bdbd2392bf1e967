import { randomBytes } from 'node:crypto';
import { AwsClients } from '../../src/core/aws/clients.ts';
import type { Deployment } from '../../src/core/deploy/deployment.ts';
import { deployedSandbox } from '../../src/core/lambda/lambda-sandbox.ts';
import { skip } from '../support/reporting/skip.ts';
import type { Target } from '../support/target/target.ts';
import { describeTarget } from '../contract/behaviour/describe-target.ts';

/** The backend that `npm run test:aws` has deployed to a real account. */
async function realTarget(context: Mocha.Context): Promise<Target> {
  const text = process.env['OFFLOAD_TEST_AWS_DEPLOYMENT'];
  if (text === undefined) skip(context, '"npm run test:aws" deploys what these tests run on');
  Object.assign(process.env, JSON.parse(process.env['OFFLOAD_TEST_AWS_ENVIRONMENT'] ?? '{}'));
  const { controlFunction, runnerFunction, region, profile } = JSON.parse(text) as Deployment;
  const aws = await AwsClients.open({ region, profile });
  const sandbox = deployedSandbox({
    controlFunction,
    runnerFunction,
    region,
    credentials: aws.credentials,
    tenant: randomBytes(16).toString('hex'),
  });
  const { capabilities } = await sandbox.environment();
  const dispose = (): Promise<void> => {
    sandbox.dispose();
    aws.dispose();
    return Promise.resolve();
  };
  return { sandbox, capabilities, dispose };
}

describeTarget('AWS Lambda, in a real account', realTarget, { queues: false });
