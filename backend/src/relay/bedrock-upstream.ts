import { Readable } from 'node:stream';
import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type ResponseStream,
} from '@aws-sdk/client-bedrock-runtime';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { apiError, errorBody } from './api-error.ts';
import { bedrockBody, bedrockModel } from './bedrock-request.ts';
import { modelAddress } from './model-address.ts';
import type { ModelCall, Upstream, UpstreamAnswer } from './upstream.ts';

type BedrockAccess = Extract<ModelAccess, { provider: 'bedrock' }>;

/** Milliseconds for a connection to be there, and for the model to begin to answer. */
const CONNECT = 30_000;
const SILENCE = 10 * 60_000;

/** Amazon Bedrock, as if it were the Messages API. The SDK is large: import this file when it is needed. */
export function bedrockUpstream(access: BedrockAccess): Upstream {
  const { region, profile, baseUrl } = access;
  const client = new BedrockRuntimeClient({
    region,
    credentials: fromNodeProviderChain({
      ...(profile === undefined ? {} : { profile }),
      clientConfig: { region },
    }),
    // By itself it would speak HTTP/2, which many a gateway and endpoint of one's own does not.
    requestHandler: new NodeHttpHandler({ connectionTimeout: CONNECT, requestTimeout: SILENCE }),
    // The agent asks again by itself, and tells of it.
    maxAttempts: 1,
    ...(profile === undefined ? {} : { profile }),
    ...(baseUrl === undefined ? {} : { endpoint: baseUrl }),
  });

  async function invoke(call: ModelCall, signal: AbortSignal): Promise<UpstreamAnswer> {
    const input = {
      modelId: bedrockModel(call.body.model, region),
      contentType: 'application/json',
      accept: 'application/json',
      body: bedrockBody(call),
    };
    if (call.body.stream !== true) {
      const { body } = await client.send(new InvokeModelCommand(input), { abortSignal: signal });
      return answer(200, 'application/json', Readable.from([Buffer.from(body)]));
    }
    const command = new InvokeModelWithResponseStreamCommand(input);
    const { body } = await client.send(command, { abortSignal: signal });
    if (body === undefined) throw new Error('the answer has no stream');
    return answer(200, 'text/event-stream', Readable.from(serverSentEvents(body), { highWaterMark: 1 }));
  }

  return {
    host: new URL(modelAddress(access)).host,
    async send(call, signal) {
      if (call.endpoint === 'count_tokens') {
        return failed(404, 'not_found_error', 'Tokens cannot be counted here.');
      }
      try {
        return await invoke(call, signal);
      } catch (thrown) {
        return refusal(thrown, profile);
      }
    },
    close: () => client.destroy(),
  };
}

const answer = (status: number, type: string, body: Readable): UpstreamAnswer => ({
  status,
  headers: { 'content-type': type },
  body,
});

const failed = (status: number, type: string, message: string): UpstreamAnswer =>
  answer(
    status,
    'application/json',
    Readable.from([Buffer.from(errorBody(apiError(status, type, message)))]),
  );

/** Bedrock's chunks are the Messages API's events, without their framing. */
async function* serverSentEvents(stream: AsyncIterable<ResponseStream>): AsyncGenerator<Buffer> {
  try {
    for await (const { chunk } of stream) {
      if (chunk?.bytes !== undefined) yield eventOf(Buffer.from(chunk.bytes).toString('utf8'));
    }
  } catch (thrown) {
    if (!(thrown instanceof BedrockRuntimeServiceException)) throw thrown;
    const [, type] = kindOf(thrown);
    yield Buffer.from(`event: error\ndata: ${errorBody({ type, message: thrown.message })}\n\n`);
  }
}

function eventOf(data: string): Buffer {
  const event = JSON.parse(data) as Record<string, unknown>;
  // Bedrock's own figures; the Messages API has no such thing.
  delete event['amazon-bedrock-invocationMetrics'];
  return Buffer.from(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** An error of the service's as the Messages API has it; what is none is thrown on. */
function refusal(thrown: unknown, profile: string | undefined): UpstreamAnswer {
  if (thrown instanceof BedrockRuntimeServiceException) {
    const [status, type] = kindOf(thrown);
    return failed(status, type, thrown.message);
  }
  const name = thrown instanceof Error ? thrown.name : '';
  if (/Credential|Token(Provider)?Error|SSO/i.test(name)) {
    const whose = profile === undefined ? 'of this machine' : `of the profile "${profile}"`;
    throw new OffloadError('no-access', `The AWS credentials ${whose} cannot be had.`, {
      fix: `Sign in: aws sso login${profile === undefined ? '' : ` --profile ${profile}`}, or set up the profile with aws configure.`,
      cause: thrown,
    });
  }
  throw thrown;
}

function kindOf({ name, $metadata }: BedrockRuntimeServiceException): [status: number, type: string] {
  switch (name) {
    case 'AccessDeniedException':
    case 'UnrecognizedClientException':
    case 'ExpiredTokenException':
    case 'InvalidSignatureException':
      return [403, 'permission_error'];
    case 'ResourceNotFoundException':
      return [404, 'not_found_error'];
    case 'ValidationException':
      return [400, 'invalid_request_error'];
    case 'ThrottlingException':
    case 'ServiceQuotaExceededException':
      return [429, 'rate_limit_error'];
    case 'ServiceUnavailableException':
    case 'ModelNotReadyException':
      return [529, 'overloaded_error'];
  }
  const status = $metadata.httpStatusCode ?? 500;
  return [status >= 400 && status < 500 && status !== 408 && status !== 424 ? status : 500, 'api_error'];
}
