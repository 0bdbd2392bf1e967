import type { AwsClients } from '../../src/core/aws/clients.ts';
import { GetSecretValueCommand } from '../../src/core/aws/sdk/secrets.ts';
import { FilterLogEventsCommand } from '../../src/core/aws/sdk/logs.ts';
import { ListObjectsV2Command } from '../../src/core/aws/sdk/s3.ts';
import { DescribeImagesCommand } from '../../src/core/aws/sdk/ecr.ts';
import { InvokeWithResponseStreamCommand } from '../../src/core/aws/sdk/lambda.ts';
import { asDeletedPart } from '../../src/core/deploy/deleted-part.ts';
import { readStack, type StackState } from '../../src/core/deploy/stack.ts';

/** Names what still answers of a stack that was removed. @param made the stack as it was, undefined where it never was whole */
export async function whatIsLeft(
  aws: AwsClients,
  account: string,
  stack: string,
  made: StackState | undefined,
): Promise<string[]> {
  const signal = new AbortController().signal;
  const left: string[] = [];
  if ((await readStack({ aws, signal }, stack)) !== undefined) left.push(`the stack ${stack}`);
  const { Bucket, Repository, SecretArn, ControlFunction, RunnerFunction } = made?.outputs ?? {};
  const see = async (name: string | undefined, step: string, ask: () => Promise<unknown>): Promise<void> => {
    if (name === undefined) return;
    try {
      await ask();
      left.push(name);
    } catch (error) {
      if (asDeletedPart(error, step, stack) === undefined) throw error;
    }
  };
  const [s3, ecr, secrets, lambda, logs] = await Promise.all([
    aws.s3(),
    aws.ecr(),
    aws.secrets(),
    aws.lambda(),
    aws.logs(),
  ]);
  await see(Bucket, 'source', () =>
    s3.send(new ListObjectsV2Command({ Bucket, ExpectedBucketOwner: account })),
  );
  await see(Repository, 'image', () => ecr.send(new DescribeImagesCommand({ repositoryName: Repository })));
  await see(SecretArn, 'key', () => secrets.send(new GetSecretValueCommand({ SecretId: SecretArn })));
  const Payload = Buffer.from('{}');
  await see(ControlFunction, 'check', () =>
    lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: ControlFunction, Payload })),
  );
  const TenantId = 'what-is-left';
  await see(RunnerFunction, 'check', () =>
    lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: RunnerFunction, Payload, TenantId })),
  );
  for (const log of ['control', 'runner', 'build'])
    await see(`/offload/${stack}/${log}`, 'check', () =>
      logs.send(new FilterLogEventsCommand({ logGroupName: `/offload/${stack}/${log}` })),
    );
  return left;
}
