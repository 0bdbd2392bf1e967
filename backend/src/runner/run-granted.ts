import type { Writable } from 'node:stream';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import type { Grant, Inbox, RunnerEvent } from '../../../src/protocol/lambda.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import type { App } from '../app.ts';
import { closingTime, MAX_MOVES, taskSeconds } from '../function-capabilities.ts';
import { written, type InvocationContext } from '../function-handler.ts';
import { Fenced, SegmentWriter } from '../store/journal/segment-writer.ts';
import { runKeys } from '../store/run-keys.ts';
import { removeFolder } from '../workspace/remove.ts';
import { Continuation } from './continuation.ts';
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
 * before that leaves it to attaching. Nobody reads what a run goes on with: nothing is sent of it.
 *
 * A task that cannot end in time is left for a further runner.
 * @param request the run's; undefined where it is to be read from the store
 * @param credentials that its programs have, which are never in the store
 */
export async function runGranted(
  place: RunnerPlace,
  { grant, request: sent, credentials }: RunnerEvent,
  response: Writable,
  context: InvocationContext,
): Promise<void> {
  const store = new HttpStore(grant);
  const keys = runKeys(grant.runId);
  const writer = new SegmentWriter(store, keys, grant.epoch);
  const over = new AbortController();
  const remaining = context.getRemainingTimeInMillis();
  const ending = remaining - closingTime(remaining);
  const deadline = performance.now() + ending;
  const folder = join(place.folder, grant.runId);
  let app: App | undefined;
  let isOurs = false;
  const closing = setTimeout(() => {
    void app?.close(outOfTime());
  }, ending);
  const lastMoment = setTimeout(() => {
    over.abort(outOfTime());
  }, remaining - LAST_MOMENT);
  try {
    const functionSeconds = Math.ceil(remaining / 1000);
    const move = new Continuation(grant, store, {
      deadline: place.goesOn && grant.epoch <= MAX_MOVES ? deadline : undefined,
      maxWallSeconds: taskSeconds(functionSeconds),
      functionSeconds,
    });
    const preparing = runApp(place, folder, grant, store, functionSeconds, move);
    preparing.catch(() => undefined);
    await writer.append(Buffer.alloc(0), over.signal);
    isOurs = true;
    const lacking = await lackingWayOut(grant);
    if (lacking !== undefined) {
      await refuse(grant, lacking, writer, response, over.signal);
      return;
    }
    void keepLease(store, keys, grant.epoch, grant.leaseSeconds, over.signal);
    app = await preparing;
    const plain = (sent ?? (await storedRequest(store, grant))) as object;
    const request = credentials === undefined ? plain : { ...plain, credentials };
    if (!canMove(request, move)) tellAhead(app, deadline, over.signal);
    const reader = grant.continued === undefined ? response : undefined;
    if (await carryOut({ app, store, writer, grant, move }, request, reader, over.signal))
      await tellOfEnd(grant);
    else {
      // Nothing of it stays for whoever goes on with it.
      await removeFolder(folder);
      isOurs = false;
      await move.leave(writer, over.signal);
    }
  } catch (error) {
    // Another runner has the run, or control has ended it.
    if (!(error instanceof Fenced)) console.error(error);
    await app?.close(new OffloadError('interrupted', 'The run was taken over.'));
  } finally {
    over.abort(new Error('the run is over'));
    clearTimeout(closing);
    clearTimeout(lastMoment);
    response.end();
    // Where another runner has the run, the folder is none of ours.
    if (isOurs) await removeFolder(folder);
  }
}

/** Milliseconds before a run is ended at which that is told: a part of its time. */
const AHEAD_PART = 0.25;
const LONGEST_AHEAD = 60_000;

const canMove = (request: unknown, { deadline }: Continuation): boolean =>
  deadline !== undefined && (request as { kind?: unknown } | null)?.kind === 'task';

/** Tells in time that the time of the function is nearly over. */
function tellAhead(app: App, deadline: number, signal: AbortSignal): void {
  const left = deadline - performance.now();
  const ahead = Math.min(LONGEST_AHEAD, left * AHEAD_PART);
  const timer = setTimeout(() => {
    const seconds = Math.max(1, Math.round(ahead / 1000));
    app.tell('function-time', `The function ends in ${String(seconds)} s: what was made until then is kept.`);
  }, left - ahead).unref();
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

const outOfTime = () =>
  new OffloadError('timeout', 'The function has no more time for this run.', {
    fix: 'Deploy it with a longer timeout, or run on this computer.',
  });

interface GrantedRun {
  app: App;
  store: HttpStore;
  writer: SegmentWriter;
  grant: Grant;
  move: Continuation;
}

/** @returns whether the run has its end */
async function carryOut(
  { app, store, writer, grant, move }: GrantedRun,
  request: unknown,
  response: Writable | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { runId } = grant;
  const frames = app.handle(request, signal)[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer>;
  try {
    first = await frames.next();
  } catch (error) {
    await refuse(grant, asOffloadError(error), writer, response, signal);
    return true;
  }
  const journal = app.handle({ kind: 'attach', version, runId, after: 0 }, signal);
  const stored = storeJournal(journal, writer, signal);
  // Awaited below, and by the one who sends.
  stored.catch(() => undefined);
  const ended = AbortSignal.any([signal, move.leaving.signal]);
  const hand = (entry: Inbox['entries'][number]): void => void take(app, runId, entry);
  void move.ready.then(() => watchInbox(store, runKeys(runId), move, hand, ended));
  const sent = send(first, frames, response, stored);
  // It fails where that fails which it waits for.
  sent.catch(() => undefined);
  let isEnd: boolean;
  try {
    isEnd = await stored;
  } finally {
    move.leaving.abort();
  }
  await sent;
  return isEnd;
}

/** Sends frames as they come, the end of the run when it is stored. */
async function send(
  first: IteratorResult<Buffer>,
  frames: AsyncIterator<Buffer>,
  response: Writable | undefined,
  stored: Promise<unknown>,
): Promise<void> {
  if (response === undefined) return;
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
  { runId, continued }: Grant,
  error: OffloadError,
  writer: SegmentWriter,
  response: Writable | undefined,
  signal: AbortSignal,
): Promise<void> {
  const time = Date.now();
  const usage = { wallMs: 0, outputBytes: 0 };
  let seq = continued?.seq ?? 0;
  const begun = seq > 0 ? '' : encodeFrame({ seq: ++seq, time, type: 'phase', phase: 'queued', runId });
  const end = encodeFrame({ seq: seq + 1, time, type: 'failed', error: error.toWire(), usage });
  const lines = Buffer.from(begun + end);
  await writer.append(lines, signal);
  if (response !== undefined) await written(response, lines);
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
