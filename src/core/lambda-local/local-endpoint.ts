import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OffloadError } from '../../protocol/error.ts';
import { errnoOf } from '../errno.ts';
import { BufferedAnswer } from './buffered-answer.ts';
import { readCall } from './call.ts';
import { DeployedFunction } from './deployed-function.ts';
import { refusalOf } from './door.ts';
import { close, listen, readBody } from './http.ts';
import { requestLimit } from './limits.ts';
import type { StartRuntime } from './runtime-process.ts';
import { functionNotFound, requestTooLarge, ServiceError, unknownOperation } from './service-error.ts';

export interface LocalEndpointOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Seconds that an invocation may take. */
  readonly timeoutSeconds: number;
  /** Invocations at once. */
  readonly concurrency: number;
  readonly start: StartRuntime;
  /** Takes what the function writes, and what is noted of its invocations. */
  readonly log: (text: string) => void;
}

/** A running endpoint. */
export interface LocalEndpoint {
  /** The address of an invocation, to which its payload is posted. */
  readonly url: string;
  /** Ends every process and connection, and resolves when none is left. */
  dispose(): Promise<void>;
}

/** What the function is called, as AWS's emulator has it. */
const NAME = 'function';
const ARN = `arn:aws:lambda:us-east-1:012345678912:function:${NAME}`;

/**
 * One Lambda function on the loopback interface, as AWS's runtime interface emulator serves it: Invoke without a signature,
 * the answer as a whole. It lets in this user's programs alone. Whoever starts it disposes of it.
 * @throws OffloadError `bad-request` where the port cannot be had
 */
export async function startLocalEndpoint(options: LocalEndpointOptions): Promise<LocalEndpoint> {
  const { server, address } = await listen(options.port).catch((cause: unknown) => {
    const port = String(options.port);
    const why = errnoOf(cause) === 'EADDRINUSE' ? 'another program has it' : String(cause);
    throw new OffloadError('bad-request', `Port ${port} cannot be listened on: ${why}.`, {
      fix: 'Name another one with --port.',
      cause,
    });
  });
  const deployed = new DeployedFunction(options);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else asServiceError(error).send(response);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request);
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    const body = await readBody(request, refusal === undefined ? requestLimit : 0);
    if (refusal !== undefined) throw refusal;
    if (body === undefined) throw requestTooLarge(requestLimit);
    const { functionName, streaming, payload } = readCall(
      request.method ?? '',
      request.url ?? '/',
      request.headers,
      body,
    );
    if (streaming) throw unknownOperation();
    if (functionName !== NAME) throw functionNotFound(ARN.replace(/[^:]+$/, functionName));
    const sink = new BufferedAnswer(response);
    sink.end(await deployed.invoke({ requestId, payload, functionArn: ARN }, sink), undefined);
  }

  return {
    url: `http://${address}/2015-03-31/functions/${NAME}/invocations`,
    dispose: async () => {
      await deployed.dispose();
      await close(server);
    },
  };
}

const asServiceError = (error: unknown): ServiceError =>
  error instanceof ServiceError
    ? error
    : new ServiceError('ServiceException', 500, { Type: 'Service', Message: String(error) });
