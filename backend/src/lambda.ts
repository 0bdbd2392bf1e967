import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { asOffloadError, OffloadError } from '../../src/protocol/error.ts';
import { encodeFrame } from '../../src/protocol/frame.ts';
import { LANGUAGES } from '../../src/protocol/languages.ts';
import { ADAPTERS } from './agents/adapters.ts';
import { App } from './app.ts';
import { BlobStore } from './blobs/blob-store.ts';
import { Interpreters } from './executors/interpreters.ts';
import { Pipes } from './isolation/pipes.ts';
import { lambdaIsolation } from './lambda-local/isolation.ts';
import { RunStore } from './runs/run-store.ts';
import { Slots } from './runs/slots.ts';
import { SessionStore } from './sessions/session-store.ts';
import { answerBuffered, isBufferedTask } from './tasks/buffered-task.ts';
import { lambdaTasks } from './tasks/lambda-tasks.ts';
import { removeFolder } from './workspace/remove.ts';

/** What Lambda's runtime client puts into the global scope; see the developer guide, "response streaming". */
declare const awslambda: {
  streamifyResponse(
    handler: (
      event: unknown,
      response: Writable,
      context: { getRemainingTimeInMillis(): number },
    ) => Promise<void>,
  ): unknown;
};

/** Bytes of a request at most (Lambda quotas: synchronous invocation payload). */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** The agent of a task that names none. */
const AGENT = 'claude-code';
/** Seconds of a run at most: Lambda's longest timeout, less the time to bring the results home. */
const MAX_WALL_SECONDS = 890;
/** Milliseconds before the function's timeout at which a run is ended, so that its stream still gets its last event. */
const CLOSING_TIME = 2000;
/** Runs whose journals stay on an environment's disk, for a request that is sent again. */
const KEPT_RUNS = 10;

// What boxes are made of is read by users of their own, whoever started the handler.
process.umask(0o022);
const folder = join(tmpdir(), 'offload');
mkdirSync(folder, { recursive: true, mode: 0o700 });
const pipes = new Pipes(join(folder, 'pipes'));
const sessions = join(folder, 'sessions');
const models = join(folder, 'models');
mkdirSync(models, { recursive: true, mode: 0o711 });
const isolation = lambdaIsolation(folder, [sessions, models], pipes);
const store = new RunStore(join(folder, 'runs'), 'lambda');
const services = {
  isolation,
  interpreters: new Interpreters(),
  slots: new Slots(1),
  runtime: folder,
  inlineBlobs: true,
  maxWallSeconds: MAX_WALL_SECONDS,
};
const tasks = {
  ...services,
  taskSlots: services.slots,
  sessions: new SessionStore(sessions, 'lambda', () => Promise.resolve(false)),
  blobs: new BlobStore(join(folder, 'blobs')),
  adapters: ADAPTERS,
  models,
  ...lambdaTasks(process.env),
};
const app = new App({
  build: process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? 'lambda',
  capabilities: {
    target: 'lambda',
    languages: LANGUAGES.map(({ id }) => id),
    network: [...isolation.network],
    limits: [...isolation.limits],
    maxWallSeconds: MAX_WALL_SECONDS,
    maxRequestBytes: MAX_PAYLOAD_BYTES,
    // An environment takes one request at a time, and the next may go to another one.
    attach: false,
    cancel: false,
    agents: ADAPTERS.map(({ id }) => id),
    hostInterpreters: false,
  },
  services,
  tasks,
  store,
  blobs: undefined,
  boxes: join(folder, 'boxes'),
  peers: undefined,
});

export const handler = awslambda.streamifyResponse(async (event, response, context) => {
  const leaving = new AbortController();
  response.once('close', () => {
    leaving.abort();
  });
  const deadline = setTimeout(() => {
    void app.close(
      new OffloadError('timeout', 'The function has no more time for this run.', {
        fix: 'Deploy it with a longer timeout, or run on this computer.',
      }),
    );
  }, context.getRemainingTimeInMillis() - CLOSING_TIME);
  try {
    if (isBufferedTask(event)) {
      const how = { agent: AGENT, network: isolation.network[0] ?? 'closed' };
      const answer = await answerBuffered(event, how, (request) => app.handle(request, leaving.signal));
      await written(response, Buffer.from(JSON.stringify(answer)));
      return;
    }
    for await (const frame of app.handle(event, leaving.signal)) await written(response, frame);
  } catch (error) {
    await written(
      response,
      Buffer.from(encodeFrame({ type: 'error', error: asOffloadError(error).toWire() })),
    );
  } finally {
    clearTimeout(deadline);
    response.end();
    await store.prune(KEPT_RUNS);
    // Nobody comes back to a conversation here: the next request may go to another environment.
    for (const name of await readdir(sessions)) await removeFolder(join(sessions, name));
  }
});

/** Waits until a frame, whose memory may be used again, has been taken; or the reader has left. */
const written = (response: Writable, frame: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) resolve();
    else
      response.write(frame, () => {
        resolve();
      });
  });
