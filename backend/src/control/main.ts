import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { asOffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { DEFAULT_AGENT, functionCapabilities, IMAGE_AGENTS } from '../function-capabilities.ts';
import { MAX_ANSWER_BYTES, streamingHandler, written } from '../function-handler.ts';
import { BareProcess } from '../isolation/bare-process.ts';
import { Pipes } from '../isolation/pipes.ts';
import { S3Store } from '../store/s3-store.ts';
import { answerBuffered, isBufferedTask } from '../tasks/buffered-task.ts';
import { Control } from './control.ts';
import { runnerInvoker } from './invoke-runner.ts';
import { carryOutOwn } from './own-tasks.ts';
import { ownUrlReader } from './own-url.ts';
import { secretReader } from './secret.ts';
import { answerUrl, isUrlEvent } from './url-requests.ts';

/** Milliseconds before its timeout at which an answer is ended that waits for a run: the client attaches again. */
const CLOSING_TIME = 5000;

const variable = (name: string, otherwise = ''): string => process.env[name] ?? otherwise;

// The runner is of the same image.
const capabilities = await functionCapabilities(
  new BareProcess(new Pipes(join(tmpdir(), 'pipes'))),
  {
    timeoutSeconds: Number(variable('OFFLOAD_RUNNER_TIMEOUT', '900')),
    memoryMb: Number(variable('OFFLOAD_RUNNER_MEMORY', '2048')),
  },
  IMAGE_AGENTS,
);
const vpc = variable('OFFLOAD_NETWORK') === 'vpc';
const closed = variable('OFFLOAD_NETWORK') === 'closed';
// Nothing here can hold a program to it, so that it is no closed network: the VPC's owner alone knows what is reached.
if (vpc) capabilities.isolation.detail += "; it reaches what the routes of the runner's VPC lead to";
if (closed) {
  capabilities.network = ['closed'];
  // They need their model.
  capabilities.agents = [];
  capabilities.isolation.detail +=
    '; its VPC has no way out but to the store, which each run tries before it begins, and its owner alone can know of what ' +
    'cannot be tried; tasks, which need their model, are not to be had';
}

const services = {
  store: new S3Store({ bucket: variable('OFFLOAD_BUCKET'), owner: variable('OFFLOAD_BUCKET_OWNER') }),
  secret: secretReader(variable('OFFLOAD_SECRET_ARN'), process.env['AWS_REGION']),
  url: ownUrlReader(variable('AWS_LAMBDA_FUNCTION_NAME')),
  invoke: runnerInvoker(variable('OFFLOAD_RUNNER')),
  build: variable('OFFLOAD_BUILD', 'unknown'),
  capabilities,
  vpc,
  closed,
  lease: Number(variable('OFFLOAD_LEASE_SECONDS', '20')) * 1000,
  expireDays: Number(variable('OFFLOAD_EXPIRE_DAYS', '30')),
};
const control = new Control(services);
// Every request needs them, and a function that is starting has more of a processor than one that answers.
await Promise.all([import('../store/s3-sdk.ts'), import('./control-sdk.ts')]);

export const handler = streamingHandler(async (event, response, context) => {
  if (isUrlEvent(event)) await answerUrl(event, response, control, services);
  else if (isBufferedTask(event)) await answerTask(event, response, context.getRemainingTimeInMillis());
  else await answer(event, response, context.getRemainingTimeInMillis() - CLOSING_TIME);
});

/** Of a task in one request and one answer; who sends it has no client of ours. */
async function answerTask(event: unknown, response: Writable, milliseconds: number): Promise<void> {
  const how = { agent: DEFAULT_AGENT, network: services.capabilities.network[0] ?? 'closed' };
  const leaving = new AbortController();
  const timer = setTimeout(() => {
    leaving.abort();
  }, milliseconds - CLOSING_TIME);
  try {
    const given = await answerBuffered(event, how, (request) =>
      carryOutOwn(control, variable('OFFLOAD_RUNNER'), request, milliseconds, leaving.signal),
    );
    await written(response, JSON.stringify(given));
  } finally {
    clearTimeout(timer);
    leaving.abort();
    response.end();
  }
}

async function answer(event: unknown, response: Writable, milliseconds: number): Promise<void> {
  const leaving = new AbortController();
  const leave = (): void => {
    leaving.abort();
  };
  response.once('close', leave);
  const timer = setTimeout(leave, milliseconds);
  try {
    let bytes = 0;
    for await (const frames of control.handle(event, leaving.signal)) {
      bytes += frames.length;
      if (bytes > MAX_ANSWER_BYTES) break;
      await written(response, frames);
    }
  } catch (error) {
    console.error(error);
    await written(response, encodeFrame({ type: 'error', error: asOffloadError(error).toWire() }));
  } finally {
    clearTimeout(timer);
    response.end();
  }
}
