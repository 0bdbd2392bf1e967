import { setTimeout as delay } from 'node:timers/promises';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { parseReply } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { grantSchema, type Grant } from '../../../src/protocol/lambda.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import type { Control } from './control.ts';

/** Waits, in milliseconds, between tries to have a run begun where the runner has no room. */
const BUSY_DELAYS = [500, 1000, 2000, 4000, 8000];

/** Milliseconds before its own end at which control ends a task of its own: until then the end has to be told. */
const CLOSING_TIME = 20_000;

/**
 * Carries out a task that came without a client of ours: control claims it, has the runner carry it out, and follows its
 * journal. A task that is not done by the deadline fails, by its own limit.
 * @param runner the function's name
 * @param milliseconds that there are
 * @returns the frames of the answer, encoded: whole lines
 * @throws OffloadError
 */
export async function* carryOutOwn(
  control: Control,
  runner: string,
  request: TaskRequest,
  milliseconds: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const { version, runId } = request;
  const wallSeconds = Math.max(1, Math.floor((milliseconds - CLOSING_TIME) / 1000));
  const limits = {
    ...request.limits,
    wallSeconds: Math.min(wallSeconds, request.limits.wallSeconds ?? wallSeconds),
  };
  // Nothing says whose it is: it shares an environment, and contents, with no other.
  const grant = await granted(control, { ...request, limits, tenant: runId }, signal);
  const failed = new AbortController();
  let failure: { error: unknown } | undefined;
  const invoked = invokeRunner(runner, grant, signal).catch(async (error: unknown) => {
    failure = { error };
    // Nobody carries it out: the run gets its end.
    const end = control.handle({ kind: 'cancel', version, runId }, signal);
    while ((await end.next()).done !== true);
  });
  invoked.catch((error: unknown) => {
    failure ??= { error };
    failed.abort();
  });
  const following = AbortSignal.any([signal, failed.signal]);
  for await (const lines of control.handle({ kind: 'attach', version, runId, after: 0 }, following)) {
    if (failure !== undefined) break;
    yield lines;
  }
  if (failure !== undefined) throw failure.error;
}

async function granted(
  control: Control,
  request: TaskRequest & { tenant: string },
  signal: AbortSignal,
): Promise<Grant> {
  for await (const frame of control.handle(request, signal))
    return parseReply(grantSchema, JSON.parse(frame.toString()) as object);
  throw new OffloadError('internal', 'The task was not granted.');
}

/**
 * Has the runner carry out what is granted, and waits until it is told that the runner is done; what it says is in the
 * journal. A call that breaks off once it has begun leaves the run to its lease.
 */
async function invokeRunner(runner: string, grant: Grant, signal: AbortSignal): Promise<void> {
  const { LambdaClient, InvokeWithResponseStreamCommand } = await import('./control-sdk.ts');
  const client: LambdaClient = new LambdaClient({ maxAttempts: 1 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const Payload = Buffer.from(JSON.stringify({ grant }));
        const command = new InvokeWithResponseStreamCommand({
          FunctionName: runner,
          TenantId: grant.tenant,
          Payload,
        });
        const { EventStream = [] } = await client.send(command, { abortSignal: signal });
        try {
          for await (const _ of EventStream);
        } catch (error) {
          console.error('runner:', error);
        }
        return;
      } catch (cause) {
        const wait = BUSY_DELAYS[attempt];
        const busy = cause instanceof Error && cause.name === 'TooManyRequestsException';
        if (busy && wait !== undefined) await delay(wait, undefined, { signal });
        else throw notBegun(cause, busy);
      }
    }
  } finally {
    client.destroy();
  }
}

const notBegun = (cause: unknown, busy: boolean) =>
  busy
    ? new OffloadError('busy', 'AWS Lambda has no room for another run now.', {
        fix: 'Try again in a moment, or raise the concurrency of the runner.',
        cause,
      })
    : new OffloadError('no-backend', 'The runner cannot be started.', {
        fix: "Control's log tells more. Deploy the backend again.",
        cause,
      });
