import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { close, listen, readBody } from '../../../src/core/lambda-local/http.ts';
import { signatureFault, type S3Credentials } from './s3-signature.ts';

interface Kept {
  bytes: Buffer;
  etag: string;
  modified: number;
}

/** A request for an object, told to {@link S3Server.onRequest}. */
export interface S3Request {
  method: string;
  key: string;
  /** As it came, with the signature where that is in it. */
  url: string;
}

/** What befalls a request: an error in its place, an answer that is lost once it has been carried out, or part of one. */
export type Fault = { status: number; code: string } | { cutAfter: number } | 'lost';

/** One bucket of S3 on the loopback interface, for the unmodified SDK and for presigned addresses. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly owner: string;
  readonly credentials: S3Credentials;
  readonly objects: Map<string, Kept>;
  /** How many requests of each method were answered. */
  readonly counts: Map<string, number>;
  /** Milliseconds that its clock is ahead of this machine's, or behind where negative. */
  clockOffset: number;
  onRequest: ((request: S3Request) => Fault | undefined | Promise<Fault | undefined>) | undefined;
  dispose(): Promise<void>;
}

/** Names in one answer to a listing, fewer than S3's 1,000, so that tests meet a second page. */
const PAGE = 100;

/**
 * What Offload uses of S3: objects by GET (also a part), PUT, HEAD and DELETE, the conditions of both, listings by prefix, signatures in
 * headers and in the query, the expected owner. The contract of stores holds it to what a server does that is not ours.
 */
export async function startS3Server(
  options: { credentials?: S3Credentials; region?: string } = {},
): Promise<S3Server> {
  const { server, address } = await listen();
  const credentials = options.credentials ?? {
    accessKeyId: 'AKIDMADEUPEXAMPLE',
    secretAccessKey: 'made-up-secret-example',
  };
  const s3: S3Server = {
    endpoint: `http://${address}`,
    region: options.region ?? 'us-east-1',
    bucket: 'offload-bucket',
    owner: '123456789012',
    credentials,
    objects: new Map(),
    counts: new Map(),
    clockOffset: 0,
    onRequest: undefined,
    dispose: () => close(server),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve(s3, request, response).catch(() => response.destroy());
  });
  return s3;
}

async function serve(s3: S3Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await readBody(request)) ?? Buffer.alloc(0);
  const { method = '', headers } = request;
  const now = Date.now() + s3.clockOffset;
  response.setHeader('date', new Date(now).toUTCString());
  const url = new URL(request.url ?? '/', s3.endpoint);
  const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/s.exec(decodeURIComponent(url.pathname)) ?? [];
  s3.counts.set(method, (s3.counts.get(method) ?? 0) + 1);
  const fault = await s3.onRequest?.({ method, key, url: request.url ?? '' });
  if (fault !== undefined && fault !== 'lost' && 'status' in fault) {
    refuse(response, fault.status, fault.code);
    return;
  }
  const wrong = signatureFault(request, body, s3.credentials, now);
  if (wrong !== undefined) refuse(response, 403, wrong);
  else if (bucket !== s3.bucket) refuse(response, 404, 'NoSuchBucket');
  else if ((headers['x-amz-expected-bucket-owner'] ?? s3.owner) !== s3.owner)
    refuse(response, 403, 'AccessDenied');
  else if (key === '') list(s3, url.searchParams, response);
  else if (fault === 'lost') {
    if (method === 'PUT') put(s3, key, body, headers);
    response.destroy();
  } else
    object(
      s3,
      { method, key },
      headers,
      body,
      fault === undefined ? response : cut(response, fault.cutAfter),
    );
}

/** Has an answer break off after so many bytes of what it gives. */
function cut(response: ServerResponse, bytes: number): ServerResponse {
  const end = (content?: Buffer): ServerResponse => {
    response.write(content?.subarray(0, bytes) ?? '', () => response.destroy());
    return response;
  };
  return Object.assign(response, { end });
}

function object(
  s3: S3Server,
  { method, key }: Pick<S3Request, 'method' | 'key'>,
  headers: IncomingMessage['headers'],
  body: Buffer,
  response: ServerResponse,
): void {
  const kept = s3.objects.get(key);
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (kept === undefined) refuse(response, 404, 'NoSuchKey');
      else if (headers['if-none-match'] === kept.etag) response.writeHead(304, headersOf(kept)).end();
      else {
        const { status, bytes } = partOf(kept.bytes, headers.range);
        response.writeHead(status, { ...headersOf(kept), 'content-length': bytes.length });
        response.end(method === 'GET' ? bytes : undefined);
      }
      return;
    case 'PUT': {
      const status = put(s3, key, body, headers);
      if (status === 400) refuse(response, 400, 'BadDigest');
      else if (status === 404) refuse(response, 404, 'NoSuchKey');
      else if (status === 412) refuse(response, 412, 'PreconditionFailed');
      else response.writeHead(200, { etag: s3.objects.get(key)?.etag ?? '' }).end();
      return;
    }
    case 'DELETE':
      s3.objects.delete(key);
      response.writeHead(204).end();
      return;
    default:
      refuse(response, 405, 'MethodNotAllowed');
  }
}

/** The bytes that are asked for; all of them where nothing is said. */
function partOf(bytes: Buffer, range: string | undefined): { status: number; bytes: Buffer } {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (from === undefined) return { status: 200, bytes };
  if (Number(from) >= bytes.length) return { status: 416, bytes: Buffer.alloc(0) };
  return { status: 206, bytes: bytes.subarray(Number(from), Number(to) + 1) };
}

function put(s3: S3Server, key: string, bytes: Buffer, headers: IncomingMessage['headers']): number {
  const kept = s3.objects.get(key);
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && checksum !== createHash('sha256').update(bytes).digest('base64')) return 400;
  if (headers['if-none-match'] === '*' && kept !== undefined) return 412;
  const wanted = headers['if-match'];
  if (wanted !== undefined && kept === undefined) return 404;
  if (wanted !== undefined && kept?.etag !== wanted) return 412;
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  s3.objects.set(key, { bytes, etag, modified: Date.now() + s3.clockOffset });
  return 200;
}

function list(s3: S3Server, query: URLSearchParams, response: ServerResponse): void {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? ''];
  const keys = [...s3.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const contents = keys.slice(0, PAGE).map((key) => {
    const kept = s3.objects.get(key);
    const time = new Date(kept?.modified ?? 0).toISOString();
    return (
      `<Contents><Key>${key}</Key><LastModified>${time}</LastModified><ETag>${kept?.etag ?? ''}</ETag>` +
      `<Size>${kept?.bytes.length ?? 0}</Size></Contents>`
    );
  });
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .end(
      `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
        `<IsTruncated>${String(keys.length > PAGE)}</IsTruncated>${contents.join('')}</ListBucketResult>`,
    );
}

/** HTTP's dates, like S3's, have whole seconds. */
const headersOf = ({ etag, modified }: Kept) => ({
  etag,
  'last-modified': new Date(modified).toUTCString(),
});

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} of the test's</Message></Error>`,
  );
}
