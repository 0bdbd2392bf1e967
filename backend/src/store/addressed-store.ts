import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DiskStore } from './disk-store.ts';
import type { Address, Condition } from './store.ts';

/** What an address of S3's says its content's hash in; its value is base64. */
const CHECKSUM = 'x-amz-checksum-sha256';
/** The headers that a write has to carry as they were signed. */
const SIGNED = ['if-none-match', 'if-match', CHECKSUM] as const;

/** A store on a disk with addresses: a server of the same process answers at them, and asks {@link answer}. */
export class AddressedStore extends DiskStore {
  readonly #base: string;
  readonly #signing = randomBytes(32);

  /** @param base the address below which names are, without a slash at its end */
  constructor(folder: string, base: string) {
    super(folder);
    this.#base = base;
  }

  override presign(
    method: Address['method'],
    key: string,
    seconds: number,
    condition?: Condition,
    sha256?: string,
  ): Promise<Address> {
    const headers: Record<string, string> = {};
    if (condition !== undefined && 'ifNoneMatch' in condition) headers['if-none-match'] = '*';
    if (condition !== undefined && 'ifMatch' in condition) headers['if-match'] = condition.ifMatch;
    if (sha256 !== undefined) headers[CHECKSUM] = Buffer.from(sha256, 'hex').toString('base64');
    const expires = String(Date.now() + seconds * 1000);
    const signature = this.#sign({ method, key, expires, headers }).toString('base64url');
    const query = new URLSearchParams({ expires, signature }).toString();
    return Promise.resolve({ method, url: `${this.#base}/${encodeURI(key)}?${query}`, headers });
  }

  /**
   * Answers a request at an address as S3 does: 403 for one that was not signed like that, or is over.
   * @param path what comes after the base
   */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(path, 'http://store');
    const key = decodeURI(pathname.slice(1));
    const { method = '', headers } = request;
    const expires = searchParams.get('expires') ?? '';
    const given = Buffer.from(searchParams.get('signature') ?? '', 'base64url');
    const carried = method === 'PUT' ? headers : {};
    const expected = this.#sign({ method, key, expires, headers: carried });
    const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isSigned || Number(expires) <= Date.now()) response.writeHead(403);
    else if (method === 'GET') return this.#give(key, headers, response);
    else await this.#take(key, request, response);
    request.resume();
    response.end();
  }

  async #give(
    key: string,
    { 'if-none-match': ifNoneMatch, range }: IncomingMessage['headers'],
    response: ServerResponse,
  ): Promise<void> {
    const found = await this.get(key);
    if (found === undefined || found.etag === ifNoneMatch) {
      response.writeHead(found === undefined ? 404 : 304).end();
      return;
    }
    const modified = new Date(found.modified).toUTCString();
    const headers = { etag: found.etag, 'last-modified': modified };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    if (first === undefined) response.writeHead(200, headers).end(found.bytes);
    else response.writeHead(206, headers).end(found.bytes.subarray(Number(first), Number(last) + 1));
  }

  async #take(key: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { 'if-none-match': nothing, 'if-match': ifMatch, [CHECKSUM]: checksum } = request.headers;
    const ifThere = ifMatch === undefined ? undefined : { ifMatch };
    const condition = nothing === undefined ? ifThere : ({ ifNoneMatch: '*' } as const);
    async function* read(): AsyncGenerator<Buffer, void, undefined> {
      const digest = createHash('sha256');
      for await (const chunk of request as AsyncIterable<Buffer>) {
        digest.update(chunk);
        yield chunk;
      }
      if (checksum !== undefined && digest.digest('base64') !== checksum) throw new OtherContent();
    }
    const size = Number(request.headers['content-length'] ?? 0);
    try {
      const etag = await this.put(key, { size, read }, condition);
      if (etag === undefined) response.writeHead(412);
      else response.writeHead(200, { etag });
    } catch (error) {
      if (!(error instanceof OtherContent)) throw error;
      response.writeHead(400);
    }
  }

  #sign({ method, key, expires, headers }: Signed): Buffer {
    const carried = SIGNED.map((name) => headers[name] ?? '');
    const said = JSON.stringify([method, key, expires, ...carried]);
    return createHmac('sha256', this.#signing).update(said).digest();
  }
}

interface Signed {
  method: string;
  key: string;
  expires: string;
  headers: NodeJS.Dict<string | string[]>;
}

/** What comes is not what its address names. */
class OtherContent extends Error {}
