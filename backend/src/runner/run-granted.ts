import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import { queuedEvent } from '../../../src/protocol/event.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import type { Grant, Inbox, RunnerEvent } from '../../../src/protocol/lambda.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import type { App } from '../app.ts';
import { LAST_MOMENT, written, type InvocationContext } from '../function-handler.ts';
import { closingTime, MAX_MOVES, taskSeconds } from '../function-time.ts';
import { sparingPace } from '../store/journal/segment-pace.ts';
import { Fenced, SegmentWriter } from '../store/journal/segment-writer.ts';
import { runKeys } from '../store/run-keys.ts';
import { removeFolder } from '../workspace/remove.ts';
import { wayOut } from './closed-network.ts';
import { Continuation } from './continuation.ts';
import { httpExchange } from './http-request.ts';
import { HttpStore } from './http-store.ts';
import { watchInbox } from './inbox-watch.ts';
import { keepLease } from './lease-keeper.ts';
import { unreachedControl } from './reach-control.ts';
import { runApp, type RunnerPlace } from './run-app.ts';
import { sendEvents } from './send-events.ts';
import { storeJournal } from './stored-journal.ts';

const version = PROTOCOL_VERSION;

/**
 * Carries out the run of a grant, unless another runner has it already: then the answer has no event. Events are sent as
 * they come, and their end once it is stored: whoever has seen it has seen what all will see. An answer that ends before
 * that leaves it to attaching. Nobody reads what a run goes on with: nothing is sent of it.
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
  const isAhead = canBeginAhead(grant, sent);
  // What is ahead may be beside what another runner has of the run.
  const folder = join(
    place.folder,
    isAhead ? `${grant.runId}-${randomBytes(4).toString('hex')}` : grant.runId,
  );
  let app: App | undefined;
  let isOurs = isAhead;
  let isUnderWay = false;
  let isLeft = false;
  const closing = setTimeout(() => {
    void app?.close(outOfTime());
  }, ending);
  const lastMoment = setTimeout(() => {
    over.abort(outOfTime());
  }, remaining - LAST_MOMENT);
  const taken = writer.append(Buffer.alloc(0), over.signal);
  taken.catch(() => undefined);
  const reader = grant.continued === undefined ? response : undefined;
  try {
    const functionSeconds = Math.ceil(remaining / 1000);
    const move = new Continuation(grant, store, {
      deadline: place.goesOn && grant.epoch <= MAX_MOVES ? deadline : undefined,
      maxWallSeconds: taskSeconds(functionSeconds),
      functionSeconds,
    });
    const preparing = runApp(place, folder, grant, { store, taken, move, timeoutSeconds: functionSeconds });
    preparing.catch(() => undefined);
    const trying = grant.closed && wayOut(grant.closed);
    if (!isAhead) {
      await taken;
      isOurs = true;
      const unfit = await (trying ?? unreachedControl(grant));
      if (unfit !== undefined) {
        await refuse(grant, unfit, writer, reader, over.signal);
        return;
      }
    }
    const lease = taken.then(() => keepLease(store, keys, grant.epoch, grant.leaseSeconds, over.signal));
    lease.catch(() => undefined);
    app = await preparing;
    const plain = (sent ?? (await storedRequest(store, grant))) as object;
    const request = credentials === undefined ? plain : { ...plain, credentials };
    if (!canMove(request, move)) tellAhead(app, deadline, over.signal);
    isUnderWay = true;
    const run = { app, store, writer, taken, grant, move, deadline };
    const carried = await carryOut(run, request, reader, over.signal);
    isLeft = carried.isLeft;
    if (carried.isEnd) {
      // Else control sees that it has ended when it is asked for it.
      if (grant.closed === undefined) await tellOfEnd(grant);
    } else {
      // Nothing of it stays for whoever goes on with it.
      await removeFolder(folder);
      isOurs = false;
      await move.leave(writer, over.signal);
    }
  } catch (error) {
    // Another runner has the run, or control has ended it.
    const isFenced = error instanceof Fenced;
    if (!isFenced) console.error(error);
    // Nothing was told yet: whoever follows it would wait for the lease, and never learn why.
    if (!isFenced && !isUnderWay)
      await taken
        .then(() => refuse(grant, asOffloadError(error), writer, reader, over.signal))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof Fenced)) console.error('refuse:', thrown);
        });
    await app?.close(new OffloadError('interrupted', 'The run was taken over.'));
  } finally {
    over.abort(new Error('the run is over'));
    clearTimeout(closing);
    clearTimeout(lastMoment);
    response.end();
    // Where another runner has the run, the folder is none of ours.
    if (isOurs) await removeFolder(folder);
    // The runtime client waits for an answer that nobody takes, and ends this process with one that is cut: so it comes last.
    if (isLeft) response.destroy();
  }
}

/** Milliseconds before a run is ended at which that is told: a part of its time. */
const AHEAD_PART = 0.25;
const LONGEST_AHEAD = 60_000;

/**
 * Whether a run may begin before it is this runner's: nothing of it is told or kept until then, and no program is started. A
 * task needs its folder, and what the epoch before has left.
 */
const canBeginAhead = ({ continued, vpc, closed }: Grant, request: unknown): boolean =>
  continued === undefined &&
  vpc !== true &&
  closed === undefined &&
  (request as { kind?: unknown } | null | undefined)?.kind === 'run';

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
  /** Resolves when the run is this runner's. */
  taken: Promise<void>;
  grant: Grant;
  move: Continuation;
  /** When the run ends at the latest, by the clock of {@link performance}. */
  deadline: number;
}

/** How the carrying out of a run has ended. */
interface CarriedOut {
  /** Whether the run has its end, which it does not have where it goes on elsewhere. */
  isEnd: boolean;
  /** Whether its reader was left, who has taken less than all of it. */
  isLeft: boolean;
}

async function carryOut(
  { app, store, writer, taken, grant, move, deadline }: GrantedRun,
  request: unknown,
  response: Writable | undefined,
  signal: AbortSignal,
): Promise<CarriedOut> {
  const { runId } = grant;
  const frames = app.handle(request, signal)[Symbol.asyncIterator]();
  let first: IteratorResult<Buffer>;
  try {
    first = await frames.next();
  } catch (error) {
    await taken;
    await refuse(grant, asOffloadError(error), writer, response, signal);
    return { isEnd: true, isLeft: false };
  }
  const journal = app.handle({ kind: 'attach', version, runId, after: 0 }, signal);
  const left = (): number => deadline - performance.now();
  const pace = grant.closed && sparingPace(() => writer.written, left);
  const stored = taken.then(() => storeJournal(journal, writer, signal, pace));
  // Awaited below, and by the one who sends.
  stored.catch(() => undefined);
  const ended = AbortSignal.any([signal, move.leaving.signal]);
  const hand = (entry: Inbox['entries'][number]): void => void take(app, runId, entry);
  void move.ready.then(() => watchInbox(store, runKeys(runId), move, hand, ended));
  const sent =
    response === undefined
      ? Promise.resolve(false)
      : sendEvents(first, frames, response, { taken, whole: stored });
  // It fails where that fails which it waits for.
  sent.catch(() => undefined);
  let isEnd: boolean;
  try {
    isEnd = await stored;
  } finally {
    move.leaving.abort();
  }
  if (isEnd) return { isEnd, isLeft: await sent };
  // However slowly it is read: what is left of the time is for having the run gone on with. Its reader attaches.
  const isLeft = await Promise.race([sent, delay(Math.max(0, left()), true, { ref: false })]);
  return { isEnd, isLeft };
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
    // Whoever sent it was told that it is there, and has no other word of it.
    if (entry.kind === 'input') app.tell('input', asOffloadError(error).message);
  }
}

/** A run that cannot be carried out has its journal all the same. */
async function refuse(
  { runId, continued, claimedAt }: Grant,
  error: OffloadError,
  writer: SegmentWriter,
  response: Writable | undefined,
  signal: AbortSignal,
): Promise<void> {
  const time = Date.now();
  const usage = { wallMs: 0, outputBytes: 0 };
  const seq = continued?.seq ?? 0;
  const begun = seq > 0 ? [] : [queuedEvent(runId, claimedAt ?? time)];
  const end = { seq: seq + begun.length + 1, time, type: 'failed', error: error.toWire(), usage };
  const lines = Buffer.from([...begun, end].map((event) => encodeFrame(event)).join(''));
  await writer.append(lines, signal);
  if (response !== undefined) await written(response, lines);
}

async function storedRequest(store: HttpStore, grant: Grant): Promise<unknown> {
  const found = await store.get(runKeys(grant.runId).request);
  if (found === undefined)
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
