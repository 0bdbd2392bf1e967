import type { S3Client } from '@aws-sdk/client-s3';
import type * as S3 from './s3-sdk.ts';
import type { Address, Condition } from './store.ts';

type Sdk = Pick<
  typeof S3,
  'getEndpointFromInstructions' | 'HttpRequest' | 'PutObjectCommand' | 'S3RequestPresigner'
>;

/** Where a bucket is, and what signs requests for it. */
interface Place {
  presigner: S3.S3RequestPresigner;
  endpoint: Awaited<ReturnType<Sdk['getEndpointFromInstructions']>>;
}

export interface WantedAddress {
  method: Address['method'];
  key: string;
  seconds: number;
  condition?: Condition | undefined;
  /** Of what may be written, in hex. */
  sha256?: string | undefined;
}

/**
 * Signs addresses in a bucket. By the SDK's presigner alone: its `getSignedUrl` has each request go through the whole of a
 * client, which takes four times as long, and a run wants several before it begins.
 */
export class S3Addresses {
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #owner: string;
  #place: Promise<Place> | undefined;

  constructor(sdk: Sdk, client: S3Client, { bucket, owner }: { bucket: string; owner: string }) {
    this.#sdk = sdk;
    this.#client = client;
    this.#bucket = bucket;
    this.#owner = owner;
  }

  async sign({ method, key, seconds, condition, sha256 }: WantedAddress): Promise<Address> {
    this.#place ??= this.#find();
    this.#place.catch(() => (this.#place = undefined));
    const { presigner, endpoint } = await this.#place;
    const headers: Record<string, string> = { 'x-amz-expected-bucket-owner': this.#owner };
    if (condition !== undefined && 'ifNoneMatch' in condition) headers['if-none-match'] = '*';
    if (condition !== undefined && 'ifMatch' in condition) headers['if-match'] = condition.ifMatch;
    if (sha256 !== undefined)
      headers['x-amz-checksum-sha256'] = Buffer.from(sha256, 'hex').toString('base64');
    const { protocol, hostname, port, host, pathname } = endpoint.url;
    const path = pathname.replace(/\/$/, '') + '/' + key.split('/').map(escaped).join('/');
    const request = new this.#sdk.HttpRequest({
      method,
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path,
      headers: { host, ...headers },
    });
    // As part of the query S3 would not heed them.
    const options = { expiresIn: seconds, unhoistableHeaders: new Set(Object.keys(headers)) };
    const { query = {} } = await presigner.presign(request, options);
    const pairs = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(String(value))}`);
    return { method, url: `${protocol}//${host}${path}?${pairs.join('&')}`, headers };
  }

  async #find(): Promise<Place> {
    const { getEndpointFromInstructions, PutObjectCommand, S3RequestPresigner } = this.#sdk;
    const { config } = this.#client;
    const at = { Bucket: this.#bucket, Key: 'any' };
    const endpoint = await getEndpointFromInstructions(at, PutObjectCommand, { ...config });
    return { presigner: new S3RequestPresigner(config), endpoint };
  }
}

/** As signatures of version 4 want it: all but letters, digits and `-._~`. */
const escaped = (part: string): string =>
  encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
