import type { Writable } from 'node:stream';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import type { Grant, Inbox } from '../../../src/protocol/lambda.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import type { App } from '../app.ts';
import { closingTime } from '../function-capabilities.ts';
import { written, type InvocationContext } from '../function-handler.ts';
import { Fenced, SegmentWriter } from '../store/journal/segment-writer.ts';
import { runKeys } from '../store/run-keys.ts';
import { removeFolder } from '../workspace/remove.ts';
import { httpExchange } from './http-request.ts';
import { HttpStore } from './http-store.ts';
import { watchInbox } from './inbox-watch.ts';
import { apartFromEnd } from './last-line.ts';
import { keepLease } from './lease-keeper.ts';
import { runApp, type RunnerPlace } from './run-app.ts';
import { storeJournal } from './stored-journal.ts';
import { lackingWayOut } from './way-out.ts';

/** Bytes of an answer at most, somewhat below Lambda's 200 MB: who wants more attaches. */
const MAX_ANSWER_BYTES = 190 * 1024 * 1024;

/** Milliseconds before the end of the invocation at which nothing is waited for any more. */
const LAST_MOMENT = 500;

const version = PROTOCOL_VERSION;

/**
 * Carries out the run of a grant, unless another runner has it already: then the answer ends without an event. Events are
 * sent as they come, and their end once it is stored: whoever has seen it has seen what all will see. An answer that ends
 * before that leaves it to attaching.
 * @param request the run's; undefined where it is to be read from the store
 */
export async function runGranted(
  place: RunnerPlace,
  { grant, request }: { grant: Grant; request?: unknown },
  response: Writable,
  context: InvocationContext,
): Promise<void> {
  const store = new HttpStore(grant);
  const keys = runKeys(grant.runId);
  const writer = new SegmentWriter(store, keys, grant.epoch);
  const over = new AbortController();
  const remaining = context.getRemainingTimeInMillis();
  const folder = join(place.folder, grant.runId);
  let app: App | undefined;
  const closing = setTimeout(
    () => {
      void app?.close(outOfTime());
    },
    remaining - closingTime(remaining),
  );
  const lastMoment = setTimeout(() => {
    over.abort(outOfTime());
  }, remaining - LAST_MOMENT);
  try {
    await writer.append(Buffer.alloc(0), over.signal);
    const lacking = await lackingWayOut(grant);
    if (lacking !== undefined) {
      await refuse(grant.runId, lacking, writer, response, over.signal);
      return;
    }
    void keepLease(store, keys, grant.epoch, grant.leaseSeconds, over.signal);
    app = await runApp(place, folder, grant, store, Math.ceil(remaining / 1000));
    await carryOut(app, store, writer, { grant, request }, response, over.signal);
    await tellOfEnd(grant);
  } catch (error) {
    // Another runner has the run, or control has ended it.
    if (!(error instanceof Fenced)) console.error(error);
    await app?.close(new OffloadError('interrupted', 'The run was taken over.'));
  } finally {
    over.abort(new Error('the run is over'));
    clearTimeout(closing);
    clearTimeout(lastMoment);
    response.end();
    await removeFolder(folder);
  }
}

const outOfTime = () =>
  new OffloadError('timeout', 'The function has no more time for this run.', {
    fix: 'Deploy it with a longer timeout, or run on this computer.',
  });

async function carryOut(
  app: App,
  store: HttpStore,
  writer: SegmentWriter,
  { grant, request }: { grant: Grant; request?: unknown },
  response: Writable,
  signal: AbortSignal,
): Promise<void> {
  const { runId } = grant;
  const frames = app.handle(request ?? (await storedRequest(store, grant)), signal)[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer>;
  try {
    first = await frames.next();
  } catch (error) {
    await refuse(runId, asOffloadError(error), writer, response, signal);
    return;
  }
  const journal = app.handle({ kind: 'attach', version, runId, after: 0 }, signal);
  const stored = storeJournal(journal, writer, signal);
  // Awaited below, and by the one who sends.
  stored.catch(() => undefined);
  const watching = new AbortController();
  const ended = AbortSignal.any([signal, watching.signal]);
  void watchInbox(store, runKeys(runId), (entry) => void take(app, runId, entry), ended);
  const sent = send(first, frames, response, stored);
  // It fails where that fails which it waits for.
  sent.catch(() => undefined);
  try {
    await stored;
  } finally {
    watching.abort();
  }
  await sent;
}

/** Sends frames as they come, the end of the run when it is stored. */
async function send(
  first: IteratorResult<Buffer>,
  frames: AsyncIterator<Buffer>,
  response: Writable,
  stored: Promise<void>,
): Promise<void> {
  let bytes = 0;
  for (let next = first; next.done !== true; next = await frames.next()) {
    const { lines, end } = apartFromEnd(next.value);
    bytes += next.value.length;
    if (bytes > MAX_ANSWER_BYTES) response.end();
    await written(response, lines);
    if (end === undefined) continue;
    const kept = Buffer.from(end);
    await stored;
    await written(response, kept);
    return;
  }
}

/** What an inbox brings, which may come too late. */
async function take(app: App, runId: string, entry: Inbox['entries'][number]): Promise<void> {
  const never = new AbortController().signal;
  try {
    const request =
      entry.kind === 'cancel'
        ? { kind: 'cancel', version, runId }
        : { kind: 'input', version, runId, input: entry.input };
    const answer = app.handle(request, never)[Symbol.asyncIterator]();
    while ((await answer.next()).done !== true);
  } catch (error) {
    console.error('inbox:', error);
  }
}

/** A run that cannot be carried out has its journal all the same. */
async function refuse(
  runId: string,
  error: OffloadError,
  writer: SegmentWriter,
  response: Writable,
  signal: AbortSignal,
): Promise<void> {
  const time = Date.now();
  const usage = { wallMs: 0, outputBytes: 0 };
  const lines = Buffer.from(
    encodeFrame({ seq: 1, time, type: 'phase', phase: 'queued', runId }) +
      encodeFrame({ seq: 2, time, type: 'failed', error: error.toWire(), usage }),
  );
  await writer.append(lines, signal);
  await written(response, lines);
}

async function storedRequest(store: HttpStore, grant: Grant): Promise<unknown> {
  const found = await store.get(runKeys(grant.runId).request);
  if (found === undefined || found === 'unchanged')
    throw new OffloadError('unknown-run', `The request of run ${grant.runId} is not there.`);
  return (JSON.parse(found.bytes.toString()) as { request: unknown }).request;
}

/** Milliseconds in which control puts a journal together. What it does not do now it does when it is asked for the run. */
const ENDING_TIME = 10_000;

async function tellOfEnd({ url, token }: Grant): Promise<void> {
  const headers = { 'x-offload-token': token };
  const told = httpExchange(`${url}/end`, { method: 'POST', headers });
  await Promise.race([told, delay(ENDING_TIME, undefined, { ref: false })]).catch((error: unknown) => {
    console.error('end:', error);
  });
}
