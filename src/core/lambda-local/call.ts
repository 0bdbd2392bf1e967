import type { IncomingHttpHeaders } from 'node:http';
import { functionNotFound, invalidParameter, payloadNotJson, unknownOperation } from './service-error.ts';

/** A request to invoke a function, parsed. */
export interface Call {
  readonly functionName: string;
  /** Whose function it is, where its name says so. */
  readonly account?: string;
  readonly streaming: boolean;
  /** JSON text. */
  readonly payload: Buffer;
  /** JSON text. */
  readonly clientContext?: string;
  readonly wantsLog: boolean;
  readonly tenant?: string;
}

const operations =
  /^POST \/(2015-03-31\/functions\/([^/?]+)\/invocations|2021-11-15\/functions\/([^/?]+)\/response-streaming-invocations)$/;

/** Lambda's documented pattern for a function: its name, a partial ARN or a whole one, with or without a version. */
const functionPattern =
  /^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-gov)?-[a-z]+-\d:)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

/** Reads an Invoke or an InvokeWithResponseStream; throws the error that AWS would answer. */
export function readCall(method: string, target: string, headers: IncomingHttpHeaders, body: Buffer): Call {
  const url = new URL(target, 'http://lambda');
  const match = operations.exec(`${method} ${url.pathname}`);
  if (!match) throw unknownOperation();
  const written = (match[2] ?? match[3] ?? '').replace(/%3A/gi, ':').replace(/%24/g, '$');
  const [, account, functionName, version] = functionPattern.exec(written) ?? [];
  if (functionName === undefined) throw invalidParameter(`Not the name or ARN of a function: ${written}`);
  const qualifier = url.searchParams.get('Qualifier') ?? version ?? '$LATEST';
  if (qualifier !== '$LATEST') throw functionNotFound(`${functionName}:${qualifier}`);
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type !== 'RequestResponse') {
    throw invalidParameter(`This endpoint does not emulate InvocationType ${String(type)}`);
  }
  const tenant = headers['x-amz-tenant-id'];
  const clientContext = readClientContext(headers['x-amz-client-context']);
  return {
    functionName,
    streaming: match[3] !== undefined,
    payload: readPayload(body),
    wantsLog: headers['x-amz-log-type'] === 'Tail',
    ...(account !== undefined && { account }),
    ...(clientContext !== undefined && { clientContext }),
    ...(typeof tenant === 'string' && { tenant }),
  };
}

/** Lambda hands an empty payload on as an empty object. */
function readPayload(body: Buffer): Buffer {
  if (body.length === 0) return Buffer.from('{}');
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw payloadNotJson((error as Error).message);
  }
  return body;
}

function readClientContext(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string') return undefined;
  let text: string;
  try {
    text = JSON.stringify(JSON.parse(Buffer.from(header, 'base64').toString()));
  } catch {
    throw invalidParameter('Client context must be a valid Base64-encoded JSON object.');
  }
  // It travels in a header, which holds no other characters.
  return text.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
