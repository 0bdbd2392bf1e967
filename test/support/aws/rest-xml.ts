import { crc32 } from 'node:zlib';
import { AwsError, notOfTheModel } from './aws-error.ts';
import { checkShape, membersOf, operationModel, type OperationModel } from './model.ts';
import { escapeXml, unescapeXml, writeMembers } from './xml.ts';
import type { Wire, WireRequest } from './wire.ts';

/** Headers of the protocol, of the signature and of the SDK itself, which no operation names. */
const COMMON =
  /^x-amz-(checksum-\w+|date|content-sha256|security-token|user-agent|te|trailer|decoded-content-length)$|^x-amzn-/;

/** Amazon S3's protocol with the bucket in the path: members in headers, query and body as the model says. */
export const s3Wire = (client: object, operations: readonly string[]): Wire => ({
  read: (request) => {
    const url = new URL(request.target, 'http://s3');
    const [, bucket = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    const model = operations
      .map((name) => operationModel(client, name))
      .find((each) => matches(each, request.method, key, url.searchParams));
    if (model === undefined) throw new AwsError('MethodNotAllowed', `${request.method} ${url.pathname}`, 405);
    checkChecksum(request);
    const input = {
      Bucket: bucket,
      ...(key === '' ? {} : { Key: key }),
      ...readMembers(model, request, url),
    };
    checkShape(model.input, input, model.name);
    return { operation: model.name, input };
  },
  answer: (response, name, output) => {
    const { output: schema } = operationModel(client, name);
    const { Body, ...fields } = output as { Body?: Uint8Array };
    for (const [member, value] of Object.entries(fields)) {
      const { httpHeader } = membersOf(schema)[member]?.getMergedTraits() ?? {};
      if (httpHeader !== undefined && typeof value === 'string') response.setHeader(httpHeader, value);
      if (httpHeader !== undefined && typeof value === 'number')
        response.setHeader(httpHeader, String(value));
    }
    if (Body !== undefined) response.writeHead(200).end(Body);
    else if (name === 'HeadObject' || name === 'PutObject') response.writeHead(200).end();
    else {
      const text = `<?xml version="1.0" encoding="UTF-8"?><${name}Result>${writeMembers(schema, fields)}</${name}Result>`;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
    }
  },
  refuse: (response, error, requestId, method) => {
    response.writeHead(error.status, { 'content-type': 'application/xml' });
    const text = `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
    response.end(method === 'HEAD' ? undefined : text);
  },
});

function matches({ http }: OperationModel, method: string, key: string, query: URLSearchParams): boolean {
  const [verb, path = '/'] = http ?? [];
  const [place, fixed = ''] = path.split('?');
  if (verb !== method || (place === '/{Key+}') !== (key !== '')) return false;
  return [...new URLSearchParams(fixed)].every(
    ([name, value]) => name === 'x-id' || query.get(name) === value,
  );
}

function readMembers(model: OperationModel, { headers, body }: WireRequest, url: URL): object {
  const input: Record<string, unknown> = {};
  const fixed = new URLSearchParams(model.http?.[1].split('?')[1]);
  const [ofQuery, ofHeaders] = [new Map<string, string>(), new Map<string, string>()];
  for (const [name, member] of Object.entries(membersOf(model.input))) {
    const { httpQuery, httpHeader, httpPayload } = member.getMergedTraits();
    if (httpQuery !== undefined) ofQuery.set(httpQuery, name);
    if (httpHeader !== undefined) ofHeaders.set(httpHeader.toLowerCase(), name);
    if (httpPayload !== undefined) input[name] = member.isStructSchema() ? readDelete(body.toString()) : body;
  }
  const cast = (name: string, value: string): unknown => {
    const member = membersOf(model.input)[name];
    return member?.isNumericSchema() ? Number(value) : member?.isBooleanSchema() ? value === 'true' : value;
  };
  for (const [name, value] of url.searchParams) {
    if (fixed.has(name) || name === 'x-id') continue;
    const member = ofQuery.get(name);
    if (member === undefined) throw notOfTheModel(`the query ${name}`);
    input[member] = cast(member, value);
  }
  for (const [name, value] of Object.entries(headers)) {
    const member = ofHeaders.get(name);
    if (member !== undefined) input[member] = cast(member, String(value));
    else if (name.startsWith('x-amz-') && !COMMON.test(name)) throw notOfTheModel(`the header ${name}`);
  }
  return input;
}

/** The one body of XML that is sent: DeleteObjects'. */
function readDelete(text: string): object {
  const value = (of: string, name: string): string | undefined => {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(of)?.[1];
    return found === undefined ? undefined : unescapeXml(found);
  };
  const Objects = [...text.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, of = '']) => {
    const VersionId = value(of, 'VersionId');
    return { Key: value(of, 'Key'), ...(VersionId === undefined ? {} : { VersionId }) };
  });
  return { Objects, Quiet: value(text, 'Quiet') === 'true' };
}

function checkChecksum({ headers, body }: WireRequest): void {
  const given = headers['x-amz-checksum-crc32'];
  if (given === undefined) return;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  if (sum.toString('base64') !== given) throw new AwsError('BadDigest', 'The CRC32 did not match.');
}
