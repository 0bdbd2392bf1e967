import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { addressesReplySchema, type Grant, type NamedAddress } from '../../../src/protocol/lambda.ts';
import { type Condition, type Store, type StoreBody, type Stored } from '../store/store.ts';
import { httpExchange, type HttpAnswer } from './http-request.ts';

/** Milliseconds before its end at which an address is not used any more. */
const SPARE = 60_000;

/** Milliseconds between tries. */
const RETRY_DELAYS = [50, 200, 1000];

/** Segments whose addresses are asked for together with the one that is wanted. */
const AHEAD = 32;

/** Addresses that are asked for at once. */
const AT_ONCE = 256;

interface Want {
  method: NamedAddress['method'];
  key: string;
}

/** What a request has besides what it wants. */
interface Sent {
  ifNoneMatch?: string;
  body?: StoreBody;
  condition?: Condition | undefined;
  take?: (body: AsyncIterable<Buffer>) => Promise<void>;
}

/** Answers besides success that say what is: nothing there, nothing new; or, to a write, that its condition does not hold. */
const SAYING_NO: Readonly<Record<Want['method'], readonly number[]>> = { GET: [304, 404], PUT: [412] };

const nameOf = ({ method, key }: Want): string => `${method} ${key}`;

/**
 * The store as the runner has it: what control lets its run do, by addresses that control gives. They and the run's token
 * are in this process's memory alone.
 */
export class HttpStore implements Pick<Store, 'get' | 'put'> {
  readonly #grant: Pick<Grant, 'url' | 'token' | 'closed'>;
  readonly #addresses = new Map<string, NamedAddress>();
  /** What is wanted and was not asked for yet: it goes together, when the question before it is answered. */
  #waiting: Want[] = [];
  #asking: Promise<void> = Promise.resolve();

  constructor(grant: Grant) {
    this.#grant = grant;
    this.#keep(grant.addresses);
  }

  async get(
    key: string,
    { ifNoneMatch }: { ifNoneMatch?: string | undefined } = {},
  ): Promise<Stored | undefined> {
    const answer = await this.#send({ method: 'GET', key }, ifNoneMatch === undefined ? {} : { ifNoneMatch });
    if (answer.status === 304 || answer.status === 404) return undefined;
    const modified = Date.parse(String(answer.headers['last-modified'] ?? ''));
    return { bytes: answer.body, etag: String(answer.headers['etag'] ?? ''), modified };
  }

  /**
   * What {@link get} gives, as a stream, which may come anew from its beginning; false where there is nothing.
   * @throws what `take` fails with, where that is an OffloadError
   */
  async fetch(key: string, take: (body: AsyncIterable<Buffer>) => Promise<void>): Promise<boolean> {
    return (await this.#send({ method: 'GET', key }, { take })).status === 200;
  }

  /** On what a write depends is part of its address: a condition that is not cannot be had. */
  async put(key: string, body: StoreBody, condition?: Condition): Promise<string | undefined> {
    const answer = await this.#send({ method: 'PUT', key }, { body, condition });
    if (answer.status === 412) return undefined;
    return String(answer.headers['etag'] ?? '');
  }

  /** Asks for addresses that will be wanted. */
  async prepare(wants: readonly Want[]): Promise<void> {
    if (this.#grant.closed !== undefined) return;
    const needed = wants.filter((want) => !this.#isGood(this.#addresses.get(nameOf(want))));
    for (let at = 0; at < needed.length; at += AT_ONCE) await this.#ask(needed.slice(at, at + AT_ONCE));
  }

  async #send(want: Want, options: Sent): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt++) {
      const wait = RETRY_DELAYS[attempt];
      try {
        return await this.#try(want, options);
      } catch (error) {
        const mayHelp = error instanceof OffloadError && error.code === 'interrupted';
        if (!mayHelp || wait === undefined) throw error;
        await delay(wait);
      }
    }
  }

  async #try(want: Want, { ifNoneMatch, body, condition, take }: Sent): Promise<HttpAnswer> {
    const { url, method, headers } = await this.#address(want);
    if (condition !== undefined && !('ifNoneMatch' in condition && headers['if-none-match'] === '*'))
      throw new OffloadError('not-supported', 'The run has no address for such a write.');
    const own = ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch };
    const sent = body === undefined ? {} : { body };
    const answer = await httpExchange(url, { method, headers: { ...headers, ...own }, ...sent, take });
    if (answer.status < 300 || SAYING_NO[method].includes(answer.status)) return answer;
    // A write of what is not there has nothing else to miss.
    if (answer.status === 404)
      throw new OffloadError('no-backend', 'The bucket of the backend is gone.', {
        fix: 'Deploy the backend again.',
      });
    // What signed it may have run out before its time.
    if (answer.status === 403 && this.#grant.closed === undefined) this.#addresses.delete(nameOf(want));
    throw new OffloadError('interrupted', `The store answered ${String(answer.status)}.`);
  }

  async #address(want: Want): Promise<NamedAddress> {
    const known = this.#addresses.get(nameOf(want));
    if (known !== undefined && this.#isGood(known)) return known;
    await this.#askTogether(withNext(want));
    const asked = this.#addresses.get(nameOf(want));
    if (asked === undefined) throw new OffloadError('bad-frame', 'Control gave no address.');
    return asked;
  }

  async #askTogether(wants: readonly Want[]): Promise<void> {
    if (this.#grant.closed !== undefined)
      throw new OffloadError('not-supported', 'A run that is closed to the network has no address for that.');
    if (this.#waiting.length + wants.length > AT_ONCE) return this.#ask(wants);
    this.#waiting.push(...wants);
    if (this.#waiting.length === wants.length) {
      const ask = (): Promise<void> => {
        const all = this.#waiting;
        this.#waiting = [];
        return this.#ask(all);
      };
      this.#asking = this.#asking.then(ask, ask);
    }
    await this.#asking;
  }

  /** @throws OffloadError `unauthorized`, `interrupted` */
  async #ask(wants: readonly Want[]): Promise<void> {
    const { url, token } = this.#grant;
    const answer = await httpExchange(`${url}/addresses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-offload-token': token },
      body: Buffer.from(JSON.stringify({ wants })),
    });
    if (answer.status === 401)
      throw new OffloadError('unauthorized', 'Control does not know this run any more.');
    if (answer.status !== 200)
      throw new OffloadError('interrupted', `Control answered ${String(answer.status)}.`);
    this.#keep(addressesReplySchema.parse(JSON.parse(answer.body.toString())).addresses);
  }

  #keep(addresses: readonly NamedAddress[]): void {
    for (const address of addresses) this.#addresses.set(nameOf(address), address);
  }

  #isGood(address: NamedAddress | undefined): boolean {
    return address !== undefined && address.expires - SPARE > Date.now();
  }
}

/** Of a segment, those after it too. */
function withNext(want: Want): Want[] {
  const [, start = '', number] = /^(.*\/)(\d{6})$/.exec(want.key) ?? [];
  if (want.method !== 'PUT' || number === undefined) return [want];
  return Array.from({ length: AHEAD }, (_, index) => ({
    method: want.method,
    key: start + String(Number(number) + index).padStart(number.length, '0'),
  }));
}
