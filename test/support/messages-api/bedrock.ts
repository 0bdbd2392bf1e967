import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { close, listen, readBody, sendJson } from '../../../src/core/lambda-local/http.ts';
import { ServiceError } from '../../../src/core/lambda-local/service-error.ts';
import { checkSignature } from '../aws/signature.ts';
import type { Credentials } from '../lambda/types.ts';
import { message } from './events.ts';
import type { Failure } from './failure.ts';
import type { EventSink } from './play.ts';
import { answerEach, record, stream, type RecordedAnswer } from './recorded-answer.ts';
import type { MessagesBody } from './request.ts';
import { ScriptReader, type Script } from './script.ts';

/** A request as it arrived, its signature found right. */
export interface BedrockRequest extends RecordedAnswer {
  readonly model: string;
  readonly streamed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A scripted server of Bedrock's InvokeModel and InvokeModelWithResponseStream, on the loopback interface. */
export interface BedrockApi {
  readonly url: string;
  readonly requests: readonly BedrockRequest[];
  /** What the script does not have, and what the server failed with. */
  readonly unexpected: readonly string[];
  close(): Promise<void>;
}

export interface BedrockApiOptions extends Script {
  /** The one access key that is let in. */
  credentials: Credentials;
  region: string;
}

const PATH = /^\/model\/([^/]+)\/(invoke|invoke-with-response-stream)$/;

export async function bedrockApi(options: BedrockApiOptions): Promise<BedrockApi> {
  const { server, address } = await listen();
  const script = new ScriptReader(options);
  const requests: BedrockRequest[] = [];
  const door = { ...options, service: 'bedrock', now: () => Date.now() };
  answerEach(server, answer, (thrown, response) => {
    if (thrown instanceof ServiceError) thrown.send(response);
    else {
      script.unexpected.push(`the server failed: ${String(thrown)}`);
      response.destroy();
    }
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = (await readBody(request)) ?? Buffer.alloc(0);
    const { method = '', url: target = '', headers } = request;
    await checkSignature({ method, target, headers, body: bytes }, door);
    const [, model = '', operation] = PATH.exec(target) ?? [];
    if (operation === undefined) throw error('UnknownOperationException', 404, 'Unknown operation');
    const body = JSON.parse(bytes.toString('utf8')) as MessagesBody & Record<string, unknown>;
    const recorded: BedrockRequest = {
      model: decodeURIComponent(model),
      streamed: operation !== 'invoke',
      body,
      events: 0,
      state: 'open',
    };
    requests.push(recorded);
    const over = record(response, recorded);
    const scripted = script.answer(body);
    const { turn, failure } = scripted;
    if (failure?.fail === 'refuse') response.destroy();
    else if (failure?.fail === 'status') throw serviceError(failure);
    else if (!recorded.streamed) sendJson(response, 200, message(turn, recorded.model));
    else {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
      response.flushHeaders();
      await stream(scripted, recorded.model, eventStreamSink(response), over, recorded);
    }
  }

  return {
    url: `http://${address}`,
    requests,
    unexpected: script.unexpected,
    close: () => close(server),
  };
}

const NAMES: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const error = (name: string, status: number, text: string): ServiceError =>
  new ServiceError(name, status, { message: text });

const serviceError = (failure: Extract<Failure, { fail: 'status' }>): ServiceError =>
  error(NAMES[failure.status] ?? 'ServiceException', failure.status, failure.message);

const codec = new EventStreamCodec(toUtf8, fromUtf8);

const frame = (kind: 'event' | 'exception', type: string, body: unknown): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: 'string', value: type },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: kind },
    },
    body: Buffer.from(JSON.stringify(body)),
  });

const eventStreamSink = (response: ServerResponse): EventSink => ({
  event: (event) => {
    if (event.type === 'error') {
      response.write(frame('exception', 'throttlingException', { message: 'Too many requests' }));
      return;
    }
    const metrics = { inputTokenCount: 1, outputTokenCount: 1, invocationLatency: 1, firstByteLatency: 1 };
    const whole =
      event.type === 'message_stop' ? { ...event, 'amazon-bedrock-invocationMetrics': metrics } : event;
    const bytes = Buffer.from(JSON.stringify(whole)).toString('base64');
    response.write(frame('event', 'chunk', { bytes, p: 'abcdefgh' }));
  },
  garbage: () => void response.write(Buffer.from('this is no frame of an event stream')),
  cut: () => void response.destroy(),
  end: () => void response.end(),
});
