import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import { inboxSchema } from '../../../src/protocol/lambda.ts';
import { httpAnswer, written } from '../function-handler.ts';
import { startRelay } from '../relay/start-relay.ts';
import { runKeys, type RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';
import type { ControlServices } from './control-services.ts';
import { readRecord } from './run-record.ts';
import type { RunClaims } from './run-token.ts';
import { StoredLedger } from './stored-ledger.ts';

/** Milliseconds that a call of a model may take: control's own timeout. */
const CALL_TIME = 15 * 60_000;

/** Bytes of a request at most (Messages API, request size limits). */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Milliseconds between two looks whether the run was cancelled meanwhile. */
const INTERVAL = 1000;

/** A request for the model, as the runner's relay has sent it. */
export interface ModelRequest {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/**
 * Passes a request of a task on to its model, within its budget, and the answer back as it comes. The key is put in here.
 * A run that has ended, or was cancelled, gets no answer any more.
 * @param stored the name that the request's body has in the store, from where it is removed; undefined where it has come along
 * @throws OffloadError `no-access`, `run-ended`, `too-large`, `unknown-blob`
 */
export async function passToModel(
  services: ControlServices,
  claims: RunClaims,
  request: ModelRequest,
  stored: string | undefined,
  response: Writable,
): Promise<void> {
  const { store, secret } = services;
  const keys = runKeys(claims.run);
  const { request: task } = await readRecord(store, claims.run, keys);
  const access = claims.access ?? (await secret()).access;
  if (task.kind !== 'task' || access === undefined)
    throw new OffloadError('no-access', 'There is no key for the model.');
  const cancellation = new Cancellation(store, keys);
  if ((await cancellation.isThere()) || (await store.look(keys.journal)) !== undefined)
    throw new OffloadError('run-ended', 'The run has ended.');
  const body = stored === undefined ? request.body : await takeBody(store, keys, stored);
  const ledger = new StoredLedger(store, keys, task.budget, CALL_TIME);
  const folder = join(tmpdir(), `m-${randomBytes(4).toString('hex')}`);
  mkdirSync(folder, { mode: 0o700 });
  const over = new AbortController();
  try {
    const socket = join(folder, 's');
    const relay = await startRelay({
      access,
      budget: task.budget,
      ledger,
      socket,
      network: task.network,
      // The runner's own relay tells of all this.
      onUsage: () => undefined,
      onRefusal: () => undefined,
      onRetry: () => undefined,
    });
    try {
      void cutWhenCancelled(cancellation, over);
      await pass(socket, { ...request, body }, response, over.signal);
    } finally {
      over.abort();
      await relay.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await ledger.settled();
  }
}

/** A request's body that was put into the store. It is read once. */
async function takeBody(store: Store, keys: RunKeys, name: string): Promise<Buffer> {
  const key = keys.modelRequest(name);
  const entry = /^[0-9a-f]{64}$/.test(name) ? await store.look(key) : undefined;
  if (entry !== undefined && entry.size > MAX_BODY_BYTES) {
    await store.delete(key);
    throw new OffloadError('too-large', 'The request for the model is larger than 32 MB.');
  }
  const found = entry === undefined ? undefined : await store.get(key);
  if (found === undefined)
    throw new OffloadError('unknown-blob', 'The request for the model is not in the store.');
  await store.delete(key);
  return found.bytes;
}

/** A run that is cancelled does not go on to cost: nobody tells a function that its reader has left. */
async function cutWhenCancelled(cancellation: Cancellation, over: AbortController): Promise<void> {
  const { signal } = over;
  for (;;) {
    await delay(INTERVAL, undefined, { signal, ref: false }).catch(() => undefined);
    if (signal.aborted) return;
    if (await cancellation.isThere().catch(() => false)) over.abort();
  }
}

/** Looks for a cancellation in a run's inbox, which is read again only where there is something new in it. */
class Cancellation {
  readonly #store: Pick<Store, 'get'>;
  readonly #key: string;
  #etag: string | undefined;

  constructor(store: Pick<Store, 'get'>, { inbox }: Pick<RunKeys, 'inbox'>) {
    this.#store = store;
    this.#key = inbox;
  }

  async isThere(): Promise<boolean> {
    const found = await this.#store.get(this.#key, { ifNoneMatch: this.#etag });
    if (found === undefined) return false;
    const { entries } = inboxSchema.parse(JSON.parse(found.bytes.toString()));
    if (entries.some(({ kind }) => kind === 'cancel')) return true;
    this.#etag = found.etag;
    return false;
  }
}

/** To the relay, which answers at a socket of its own. */
async function pass(
  socketPath: string,
  { method, path, headers, body }: ModelRequest,
  response: Writable,
  signal: AbortSignal,
): Promise<void> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const own = { ...headers, 'content-length': String(body.length) };
    httpRequest({ socketPath, method, path, headers: own, signal }, resolve).once('error', reject).end(body);
  });
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers))
    if (typeof value === 'string' && !HOP_BY_HOP.has(name)) passed[name] = value;
  const out = httpAnswer(response, answer.statusCode ?? 502, passed);
  for await (const chunk of answer as AsyncIterable<Buffer>) await written(out, chunk);
  out.end();
}

/** Headers of one connection alone (RFC 9110). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date']);
