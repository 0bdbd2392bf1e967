import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BufferedAnswer } from '../../../src/core/lambda-local/buffered-answer.ts';
import type { StartRuntime } from '../../../src/core/lambda-local/runtime-process.ts';
import { type Call, readCall } from '../../../src/core/lambda-local/call.ts';
import { DeployedFunction } from '../../../src/core/lambda-local/deployed-function.ts';
import { findEnvironments, processes, type Environments } from './environments.ts';
import { serveFunctionUrl, type FunctionUrl } from './function-url.ts';
import { close, listen, readBody, sendJson } from '../../../src/core/lambda-local/http.ts';
import { requestLimit } from '../../../src/core/lambda-local/limits.ts';
import { awsThrottle, logTailLimit } from './limits.ts';
import { roleCredentials, type FunctionIdentity } from './environment-variables.ts';
import { FunctionLog } from './function-log.ts';
import {
  functionNotFound,
  refused,
  requestTooLarge,
  ServiceError,
} from '../../../src/core/lambda-local/service-error.ts';
import { invokeLater } from './event-invocation.ts';
import { checkSignature } from '../aws/signature.ts';
import { StreamingAnswer } from './streaming-answer.ts';
import type { EndpointOptions, FunctionSpec, LambdaEndpoint, ThrottleOptions } from './types.ts';
import { wrongTenancy } from './wrong-tenancy.ts';

/** Whose functions they are, and the credentials. */
const ownAccount = '123456789012';
const madeUp = { accessKeyId: 'AKIDMADEUPEXAMPLE', secretAccessKey: 'made-up-secret-example' };

/**
 * Lambda's data plane on the loopback interface, for the unmodified `@aws-sdk/client-lambda`: Invoke and
 * InvokeWithResponseStream, with Lambda's limits, in front of AWS's own runtime interface client with the given
 * functions. Throws when a bundle or the client is missing. Whoever starts it disposes of it.
 *
 * Not emulated: the freeze between invocations, versions; and, where functions run as processes, the memory limit, the
 * read-only file system and another user's rights, which containers of the image have.
 */
export async function startLambdaEndpoint(options: EndpointOptions): Promise<LambdaEndpoint> {
  const { credentials = madeUp, region = 'us-east-1', throttle = awsThrottle } = options;
  const environments = options.runtime === undefined ? await ownEnvironments() : processes(options.runtime);
  const functions = new Map<string, LoggedFunction>();
  for (const [name, spec] of Object.entries(options.functions)) checkSpec(name, spec);
  const { server, address } = await listen();
  for (const [name, spec] of Object.entries(options.functions)) {
    const env = { ...spec.env, ...(spec.url === true && { AWS_ENDPOINT_URL_LAMBDA: `http://${address}` }) };
    const made = loggedFunction({ name, region, spec: { ...spec, env } }, environments);
    if (spec.url === true) made.url = await serveFunctionUrl(made);
    functions.set(name, made);
  }
  const { clockAhead = 0 } = options;
  const now = (): number => Date.now() + clockAhead;
  const door = { credentials, region, now };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const requestId = randomUUID();
    response.setHeader('x-amzn-requestid', requestId);
    response.setHeader('date', new Date(now()).toUTCString());
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
    const described = /^GET \/2021-10-31\/functions\/([^/]+)\/url$/.exec(`${method} ${target}`)?.[1];
    if (described !== undefined) {
      // A function asks for its own, with the credentials of its role.
      await checkSignature({ method, target, headers, body }, { ...door, credentials: roleCredentials });
      sendJson(response, 200, { FunctionUrl: `${urlOf(named(functions, described))}/`, AuthType: 'NONE' });
      return;
    }
    const byRole = headers.authorization?.includes(roleCredentials.accessKeyId) === true;
    const entrance = byRole ? { ...door, credentials: roleCredentials } : door;
    await checkSignature({ method, target, headers, body }, entrance);
    if (headers['x-amz-invocation-type'] === 'Event') {
      const { 'x-amz-invocation-type': _, ...rest } = headers;
      const call = readCall(method, target, rest, body);
      const deployed = named(functions, call.functionName);
      if (!byRole || !deployed.byRole)
        throw refused('AccessDeniedException', 'none but a role that may invokes like that here');
      if (deployed.tenancy !== (call.tenant !== undefined)) throw wrongTenancy(deployed.tenancy);
      if (options.onEvent?.(call.functionName) !== 'lost') invokeLater(deployed, call);
      response.writeHead(202).end();
      return;
    }
    const call = readCall(method, target, headers, body);
    const { functionName, account = ownAccount } = call;
    if (account !== ownAccount) {
      const arn = `arn:aws:lambda:${region}:${account}:function:${functionName}`;
      throw refused(
        'AccessDeniedException',
        `User: me is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because no resource-based policy allows it`,
      );
    }
    const refusal = own.onCall?.(functionName);
    if (refusal !== undefined) throw refusal;
    const deployed = functions.get(functionName);
    if (!deployed) {
      throw functionNotFound(`arn:aws:lambda:${region}:${ownAccount}:function:${functionName}`);
    }
    if (byRole && !deployed.byRole)
      throw refused('AccessDeniedException', `the role may not call ${functionName}`);
    if (deployed.tenancy !== (call.tenant !== undefined)) throw wrongTenancy(deployed.tenancy);
    await invoke(deployed, call, requestId, response, throttle);
  }

  const own: LambdaEndpoint = {
    endpoint: `http://${address}`,
    onCall: undefined,
    region,
    credentials,
    url: (name) => urlOf(named(functions, name)),
    logs: (name) => named(functions, name).log.text,
    processes: (name) => named(functions, name).deployed.processes,
    cutConnections: () => server.closeAllConnections(),
    update: (name, env) => named(functions, name).update(env),
    dispose: async () => {
      await Promise.all([...functions.values()].map((each) => each.dispose()));
      await Promise.all([...functions.values()].flatMap(({ url }) => url?.dispose() ?? []));
      await close(server);
    },
  };
  return own;
}

/** A function whose log is kept. */
interface LoggedFunction {
  deployed: DeployedFunction;
  readonly log: FunctionLog;
  readonly arn: string;
  readonly tenancy: boolean;
  url?: FunctionUrl;
  update(env: Readonly<Record<string, string>>): void;
  dispose(): Promise<void>;
  readonly byRole: boolean;
}

function loggedFunction(identity: FunctionIdentity, environments: Environments): LoggedFunction {
  const { name, region, spec } = identity;
  const log = new FunctionLog();
  const started = spec.started ?? ((start: StartRuntime): StartRuntime => start);
  const deploy = (env = spec.env ?? {}): DeployedFunction =>
    new DeployedFunction({
      start: started(environments.start({ ...identity, spec: { ...spec, env } })),
      ...(environments.user !== undefined && { user: environments.user }),
      timeoutSeconds: spec.timeoutSeconds ?? 3,
      concurrency: spec.concurrency ?? 10,
      log: (text) => log.append(text),
    });
  const former: DeployedFunction[] = [];
  const own: LoggedFunction = {
    deployed: deploy(),
    log,
    tenancy: spec.tenancy === true,
    byRole: spec.byRole === true,
    arn: `arn:aws:lambda:${region}:123456789012:function:${name}`,
    update: (env) => {
      former.push(own.deployed);
      own.deployed = deploy({ ...spec.env, ...env });
    },
    dispose: async () => {
      await Promise.all([...former, own.deployed].map((each) => each.dispose()));
    },
  };
  return own;
}

async function invoke(
  { deployed, log, arn }: LoggedFunction,
  { streaming, payload, clientContext, wantsLog, tenant }: Call,
  requestId: string,
  response: ServerResponse,
  throttle: ThrottleOptions | false,
): Promise<void> {
  const sink = streaming ? new StreamingAnswer(response, throttle) : new BufferedAnswer(response);
  const logStart = log.end;
  const context = {
    ...(clientContext !== undefined && { clientContext }),
    ...(tenant !== undefined && { tenant }),
  };
  const outcome = await deployed.invoke({ requestId, payload, functionArn: arn, ...context }, sink);
  let logResult: string | undefined;
  if (wantsLog) {
    // What the function wrote before it answered is in the pipe by now, and is read in the next turn.
    await nextTurn();
    logResult = Buffer.from(log.since(logStart)).subarray(-logTailLimit).toString('base64');
  }
  await sink.end(outcome, logResult);
}

function urlOf({ arn, url }: LoggedFunction): string {
  if (url === undefined) throw new Error(`${arn} has no URL`);
  return url.address;
}

async function ownEnvironments(): Promise<Environments> {
  const found = await findEnvironments();
  if ('missing' in found) throw new Error(found.missing);
  return found;
}

function checkSpec(name: string, { bundle }: FunctionSpec): void {
  if (!path.isAbsolute(bundle)) throw new Error(`the bundle of ${name} is not an absolute path: ${bundle}`);
  if (!existsSync(bundle)) throw new Error(`the bundle of ${name} does not exist: ${bundle}`);
}

function named(functions: ReadonlyMap<string, LoggedFunction>, name: string): LoggedFunction {
  const deployed = functions.get(name);
  if (!deployed) throw new Error(`no function ${name}; there is ${[...functions.keys()].join(', ')}`);
  return deployed;
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy(error as Error);
  else if (error instanceof ServiceError) error.send(response);
  else new ServiceError('ServiceException', 500, { Type: 'Service', Message: String(error) }).send(response);
}
