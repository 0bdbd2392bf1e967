import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BufferedAnswer } from './buffered-answer.ts';
import { type Call, readCall } from './call.ts';
import { DeployedFunction } from './deployed-function.ts';
import { findRuntime } from './find-runtime.ts';
import { close, listen, readBody } from './http.ts';
import { awsThrottle, logTailLimit, requestLimit } from './limits.ts';
import { functionNotFound, requestTooLarge, ServiceError } from './service-error.ts';
import { checkSignature } from './signature.ts';
import { StreamingAnswer } from './streaming-answer.ts';
import type { EndpointOptions, FunctionSpec, LambdaEndpoint, ThrottleOptions } from './types.ts';

const madeUp = { accessKeyId: 'AKIDMADEUPEXAMPLE', secretAccessKey: 'made-up-secret-example' };

/**
 * Lambda's data plane on the loopback interface, for the unmodified `@aws-sdk/client-lambda`: Invoke and
 * InvokeWithResponseStream, with Lambda's limits, in front of AWS's own runtime interface client with the given
 * functions. Throws when a bundle or the client is missing. Whoever starts it disposes of it.
 *
 * Not emulated: the memory limit, the read-only file system, another user's rights, the freeze between
 * invocations, asynchronous invocations, versions, tenants.
 */
export async function startLambdaEndpoint(options: EndpointOptions): Promise<LambdaEndpoint> {
  const { credentials = madeUp, region = 'us-east-1', throttle = awsThrottle } = options;
  const runtime = options.runtime ?? (await runtimeFolder());
  const functions = new Map<string, DeployedFunction>();
  for (const [name, spec] of Object.entries(options.functions)) {
    checkSpec(name, spec);
    functions.set(name, new DeployedFunction({ name, region, spec }, runtime));
  }
  const { server, address } = await listen();
  const door = { credentials, region, now: Date.now };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    answer(request, response, requestId).catch((error: unknown) => refuse(response, error));
  });

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<void> {
    const { method = '', url: target = '/', headers } = request;
    const body = await readBody(request, requestLimit);
    if (!body) throw requestTooLarge(requestLimit);
    await checkSignature({ method, target, headers, body }, door);
    const call = readCall(method, target, headers, body);
    const deployed = functions.get(call.functionName);
    if (!deployed) {
      throw functionNotFound(`arn:aws:lambda:${region}:123456789012:function:${call.functionName}`);
    }
    await invoke(deployed, call, requestId, response, throttle);
  }

  return {
    endpoint: `http://${address}`,
    region,
    credentials,
    logs: (name) => named(functions, name).log.text,
    processes: (name) => named(functions, name).processes,
    cutConnections: () => server.closeAllConnections(),
    dispose: async () => {
      await Promise.all([...functions.values()].map((deployed) => deployed.dispose()));
      await close(server);
    },
  };
}

async function invoke(
  deployed: DeployedFunction,
  { streaming, payload, clientContext, wantsLog }: Call,
  requestId: string,
  response: ServerResponse,
  throttle: ThrottleOptions | false,
): Promise<void> {
  const sink = streaming ? new StreamingAnswer(response, throttle) : new BufferedAnswer(response);
  const logStart = deployed.log.end;
  const context = clientContext === undefined ? {} : { clientContext };
  const outcome = await deployed.invoke({ requestId, payload, functionArn: deployed.arn, ...context }, sink);
  let logResult: string | undefined;
  if (wantsLog) {
    // What the function wrote before it answered is in the pipe by now, and is read in the next turn.
    await nextTurn();
    logResult = Buffer.from(deployed.log.since(logStart)).subarray(-logTailLimit).toString('base64');
  }
  await sink.end(outcome, logResult);
}

async function runtimeFolder(): Promise<string> {
  const found = await findRuntime();
  if ('missing' in found) throw new Error(found.missing);
  return found.folder;
}

function checkSpec(name: string, { bundle }: FunctionSpec): void {
  if (!path.isAbsolute(bundle)) throw new Error(`the bundle of ${name} is not an absolute path: ${bundle}`);
  if (!existsSync(bundle)) throw new Error(`the bundle of ${name} does not exist: ${bundle}`);
}

function named(functions: ReadonlyMap<string, DeployedFunction>, name: string): DeployedFunction {
  const deployed = functions.get(name);
  if (!deployed) throw new Error(`no function ${name}; there is ${[...functions.keys()].join(', ')}`);
  return deployed;
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy(error as Error);
  else if (error instanceof ServiceError) error.send(response);
  else new ServiceError('ServiceException', 500, { Type: 'Service', Message: String(error) }).send(response);
}
