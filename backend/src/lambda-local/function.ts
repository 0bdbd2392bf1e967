import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseReply } from '../../../src/protocol/decode.ts';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { grantSchema, type Grant } from '../../../src/protocol/lambda.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { ADAPTERS } from '../agents/adapters.ts';
import type { ControlServices } from '../control/control-services.ts';
import { Control } from '../control/control.ts';
import { DEFAULT_AGENT, functionCapabilities } from '../function-capabilities.ts';
import { LAST_MOMENT, written, type InvocationContext } from '../function-handler.ts';
import { Bubblewrap } from '../isolation/bubblewrap.ts';
import { runGranted } from '../runner/run-granted.ts';
import { runnerPlace, type RunnerPlace } from '../runner/run-app.ts';
import { AddressedStore } from '../store/addressed-store.ts';
import { answerBuffered, isBufferedTask } from '../tasks/buffered-task.ts';
import { accessFrom } from '../tasks/lambda-tasks.ts';
import { ownAddress } from './own-address.ts';

/** Seconds after which a runner that shows no sign of life is given up. */
const LEASE_SECONDS = 20;

const NEVER_DAYS = 3650;

export type LocalFunction = (event: unknown, response: Writable, context: InvocationContext) => Promise<void>;

/**
 * What is deployed, on the user's machine and in one process: control, with a folder for its bucket, and the runner, which
 * makes boxes here. A run is carried out by the invocation that asks for it, whose answer is all that the run tells.
 * Other invocations follow it and cancel it, in whichever process they are: they share the folder.
 * @param env OFFLOAD_STORE: the folder; OFFLOAD_TIMEOUT: seconds of an invocation; how models are reached, see `accessFrom`
 */
export async function localFunction(env: NodeJS.ProcessEnv): Promise<LocalFunction> {
  const place = boxPlace(tmpdir());
  const address = await ownAddress();
  const store = new AddressedStore(env['OFFLOAD_STORE'] ?? join(tmpdir(), 'store'), address.store);
  const secret = { signing: randomBytes(32).toString('hex'), access: accessFrom(env) };
  const size = { timeoutSeconds: Number(env['OFFLOAD_TIMEOUT'] ?? '900') };
  const capabilities = await functionCapabilities(place.isolation, size, place.agents);
  const services: ControlServices = {
    store,
    secret: () => Promise.resolve(secret),
    url: () => Promise.resolve(address.url),
    invoke: () => Promise.reject(new OffloadError('not-supported', 'There is no further function here.')),
    build: env['OFFLOAD_BUILD'] ?? 'unknown',
    capabilities: { ...capabilities, maxTaskWallSeconds: capabilities.maxWallSeconds },
    lease: LEASE_SECONDS * 1000,
    vpc: false,
    closed: false,
    expireDays: NEVER_DAYS,
  };
  const control = new Control(services);
  address.serve({ control, services, store });
  const network = capabilities.network[0] ?? 'closed';

  return async (event, response, context) => {
    const leaving = new AbortController();
    const leave = (): void => {
      leaving.abort();
    };
    response.once('close', leave);
    const timer = setTimeout(leave, context.getRemainingTimeInMillis() - LAST_MOMENT);
    const answer = (request: unknown) => carriedOut({ control, place, context }, request, leaving.signal);
    try {
      if (isBufferedTask(event))
        await written(
          response,
          JSON.stringify(await answerBuffered(event, { agent: DEFAULT_AGENT, network }, answer)),
        );
      else for await (const frames of answer(event)) await written(response, frames);
    } catch (error) {
      await written(response, encodeFrame({ type: 'error', error: asOffloadError(error).toWire() }));
    } finally {
      clearTimeout(timer);
      response.end();
    }
  };
}

/** A place of the runner's where programs are kept apart by boxes: the user's machine is no sandbox. */
function boxPlace(folder: string) {
  const place = runnerPlace(folder);
  const boxes = join(folder, 'boxes');
  mkdirSync(boxes, { recursive: true });
  // Users of boxes pass through, and see nothing on their way.
  for (const each of [folder, boxes]) chmodSync(each, 0o711);
  const isolation = new Bubblewrap({ boxes, shared: [folder], runtime: folder, pipes: place.pipes });
  process.once('exit', () => {
    isolation.dispose();
  });
  const agents = ADAPTERS.map(({ id }) => id);
  return { ...place, isolation, agents, goesOn: false } satisfies RunnerPlace;
}

interface Parts {
  control: Control;
  place: RunnerPlace;
  context: InvocationContext;
}

/** Control's answer; in place of a grant, all that the run tells which the runner then carries out here. */
async function* carriedOut(
  { control, place, context }: Parts,
  request: unknown,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let grant: Grant | undefined;
  // Control does the rest of a claim once its grant was read.
  for await (const frames of control.handle(request, signal)) {
    grant ??= grantIn(frames);
    if (grant === undefined) yield frames;
  }
  if (grant === undefined) return;
  const { runId } = grant;
  const running = runGranted(place, { grant }, unread(), context);
  running.catch(() => undefined);
  try {
    yield* control.handle({ kind: 'attach', version: PROTOCOL_VERSION, runId, after: 0 }, signal);
  } finally {
    // The process takes its next invocation when nothing of this one is under way.
    await running;
  }
}

function grantIn(frames: Buffer): Grant | undefined {
  if (!frames.subarray(0, GRANT.length).equals(GRANT)) return undefined;
  return parseReply(grantSchema, JSON.parse(frames.toString()) as object);
}

/** How control's answer begins where it is a grant. */
const GRANT = Buffer.from('{"type":"grant"');

/** What the runner says is in the journal too, which is read. */
const unread = (): Writable =>
  new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
