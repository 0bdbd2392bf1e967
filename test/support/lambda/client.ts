import { devNull } from 'node:os';
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCompleteEvent,
  type InvokeWithResponseStreamResponseEvent,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import type { LambdaEndpoint } from './types.ts';

/** The SDK's own client, pointed at the endpoint. It does not retry unless told to: tests want the first answer. */
export function lambdaClient(to: LambdaEndpoint, config: LambdaClientConfig = {}): LambdaClient {
  const { endpoint, region, credentials } = to;
  // What the machine's user has set for AWS is none of the tests' business.
  process.env['AWS_CONFIG_FILE'] = devNull;
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = devNull;
  return new LambdaClient({ endpoint, region, credentials, maxAttempts: 1, ...config });
}

/** The events of a streamed response. */
export type StreamEvents = AsyncIterator<InvokeWithResponseStreamResponseEvent, undefined>;

/** The events of a streaming invocation; resolves when the answer begins. */
export async function openStream(
  client: LambdaClient,
  functionName: string,
  event: unknown,
  abortSignal?: AbortSignal,
  tenant?: string,
): Promise<StreamEvents> {
  const command = new InvokeWithResponseStreamCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(event),
    LogType: 'Tail',
    TenantId: tenant,
  });
  const { EventStream } = await client.send(command, abortSignal ? { abortSignal } : {});
  if (!EventStream) throw new Error('the answer has no event stream');
  return EventStream[Symbol.asyncIterator]() as StreamEvents;
}

/** The text of the next event, which has to be a piece of the response. */
export async function nextText(events: StreamEvents): Promise<string> {
  const { value } = await events.next();
  if (!value?.PayloadChunk?.Payload) {
    throw new Error(`no piece of the response, but ${JSON.stringify(value)}`);
  }
  return Buffer.from(value.PayloadChunk.Payload).toString();
}

/** A streamed response to its end. `complete` is undefined when the stream ended without InvokeComplete. */
export interface Streamed {
  readonly bytes: Buffer;
  readonly complete: InvokeWithResponseStreamCompleteEvent | undefined;
}

/** Reads what is left of a stream. */
export async function readToEnd(events: StreamEvents): Promise<Streamed> {
  const pieces: Uint8Array[] = [];
  let complete: InvokeWithResponseStreamCompleteEvent | undefined;
  for (let next = await events.next(); !next.done; next = await events.next()) {
    if (next.value.PayloadChunk?.Payload) pieces.push(next.value.PayloadChunk.Payload);
    if (next.value.InvokeComplete) complete = next.value.InvokeComplete;
  }
  return { bytes: Buffer.concat(pieces), complete };
}

/** A whole streaming invocation. */
export async function stream(client: LambdaClient, functionName: string, event: unknown): Promise<Streamed> {
  return readToEnd(await openStream(client, functionName, event));
}

/** A buffered invocation: the payload as text, and `FunctionError` as Lambda gives it. */
export async function invoke(
  client: LambdaClient,
  functionName: string,
  event: unknown,
): Promise<{ readonly text: string; readonly error: string | undefined }> {
  const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) });
  const { Payload, FunctionError } = await client.send(command);
  return { text: Buffer.from(Payload ?? []).toString(), error: FunctionError };
}

/** An error as a function or Lambda reports it. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The error in an `ErrorDetails`, or in the payload of an Invoke that failed. */
export function reportedError(text: string | undefined): ReportedError {
  if (text === undefined) throw new Error('there are no details of an error');
  return JSON.parse(text) as ReportedError;
}
