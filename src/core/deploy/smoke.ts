import { parseReply } from '../../protocol/decode.ts';
import { fromWire, OffloadError } from '../../protocol/error.ts';
import { decodeFrames } from '../../protocol/frame.ts';
import { environmentReplySchema, errorReplySchema, type Environment } from '../../protocol/reply.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { isAwsError } from '../aws/aws-error.ts';
import { payloadChunks } from '../lambda/payload-chunks.ts';
import { pauses, until, type Work } from './work.ts';

/** How often a function is asked that is not ready yet. */
const MAX_TRIES = 8;

/** Asks the control function what it can do: the first sign that what was deployed works. */
export async function askControl(work: Work, functionName: string): Promise<Environment> {
  const pause = pauses(work);
  for (let tries = 1; ; tries++) {
    try {
      return await askOnce(work, functionName);
    } catch (error) {
      // A function that was just made or changed.
      if (tries >= MAX_TRIES || !isAwsError(error, 'ResourceConflictException', 'ResourceNotReadyException'))
        throw error;
    }
    await pause();
  }
}

async function askOnce(work: Work, functionName: string): Promise<Environment> {
  const { InvokeWithResponseStreamCommand } = await import('../aws/sdk/lambda.ts');
  const client = await work.aws.lambda();
  const Payload = Buffer.from(JSON.stringify({ kind: 'environment', version: PROTOCOL_VERSION }));
  const { EventStream } = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName: functionName, Payload }),
    until(work),
  );
  let environment: Environment | undefined;
  if (EventStream !== undefined) {
    for await (const frame of decodeFrames(payloadChunks(EventStream))) {
      const failure = errorReplySchema.safeParse(frame);
      if (failure.success) throw fromWire(failure.data.error);
      environment ??= parseReply(environmentReplySchema, frame);
    }
  }
  if (environment !== undefined) return environment;
  throw new OffloadError('deploy-failed', 'The control function answered nothing.', {
    fix: 'Look at its log: "offload logs control".',
  });
}
