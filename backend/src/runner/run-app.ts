import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { ADAPTERS } from '../agents/adapters.ts';
import { App } from '../app.ts';
import { Interpreters } from '../executors/interpreters.ts';
import { functionCapabilities, IMAGE_AGENTS } from '../function-capabilities.ts';
import { BareProcess } from '../isolation/bare-process.ts';
import type { Isolation } from '../isolation/box.ts';
import { heldIsolation } from '../isolation/held-isolation.ts';
import { Pipes } from '../isolation/pipes.ts';
import { RunStore } from '../runs/run-store.ts';
import { Slots } from '../runs/slots.ts';
import { SessionStore } from '../sessions/session-store.ts';
import { runKeys } from '../store/run-keys.ts';
import type { TaskMove } from '../tasks/task-move.ts';
import { programsFrom } from '../tasks/lambda-tasks.ts';
import { carryBody } from './carry-body.ts';
import { FetchedBlobs } from './fetched-blobs.ts';
import { keepTogether } from './keep-together.ts';
import type { HttpStore } from './http-store.ts';

/** What stays from one run of an environment to the next: nothing that a run could have changed to its use. */
export interface RunnerPlace {
  folder: string;
  pipes: Pipes;
  interpreters: Interpreters;
  /** How programs are kept apart. */
  isolation: Isolation;
  /** Megabytes of memory that all of it may take; undefined where nothing bounds that. */
  memoryMb?: number | undefined;
  /** Agents whose programs are there. */
  agents: readonly string[];
  /** Whether a task that cannot end in time goes on in a further function. */
  goesOn: boolean;
}

export interface PlaceOptions {
  /** Whether nothing there is of its user but what runs start; see {@link BareProcess}. */
  alone?: boolean;
  memoryMb?: number;
}

/** A place in an environment of Lambda, which is a sandbox itself. */
export function runnerPlace(folder: string, { memoryMb, ...options }: PlaceOptions = {}) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pipes = new Pipes(join(folder, 'pipes'));
  const isolation = new BareProcess(pipes, options);
  return {
    folder,
    pipes,
    interpreters: new Interpreters(),
    isolation,
    memoryMb,
    agents: IMAGE_AGENTS,
    goesOn: true,
  } satisfies RunnerPlace;
}

/** What the backend for one run is made with. */
export interface RunAppOptions {
  store: HttpStore;
  /** Resolves when the run is this runner's: no program is started before that. */
  taken: Promise<unknown>;
  move: TaskMove;
  /** Seconds that the invocation may take. */
  timeoutSeconds: number;
}

/** The backend for one run, in a folder of that run's own, which whoever calls this removes. */
export async function runApp(
  place: RunnerPlace,
  folder: string,
  grant: Grant,
  { store, taken, move, timeoutSeconds }: RunAppOptions,
): Promise<App> {
  // Users of boxes pass through, and see nothing on their way.
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const [sessions, models] = [join(folder, 'sessions'), join(folder, 'models')];
  mkdirSync(models, { recursive: true, mode: 0o711 });
  const isolation = heldIsolation(place.isolation, taken);
  const size = { timeoutSeconds, memoryMb: place.memoryMb };
  const { isolation: _, ...capabilities } = await functionCapabilities(isolation, size, place.agents);
  // It is the place that is closed: what a program can reach was tried.
  if (grant.closed !== undefined) capabilities.network = ['closed'];
  const keys = runKeys(grant.runId);
  const services = {
    isolation,
    interpreters: place.interpreters,
    slots: new Slots(1),
    runtime: folder,
    ...(grant.closed === undefined ? {} : { keepBlobs: keepTogether(store, keys) }),
    keepBlob: async (file: string, hash: string): Promise<void> => {
      const body = { size: statSync(file).size, read: () => createReadStream(file) };
      await store.put(keys.blob(hash), body, { ifNoneMatch: '*' });
    },
    most: { wallSeconds: capabilities.maxWallSeconds, memoryBytes: capabilities.maxMemoryBytes },
    queuedAt: grant.claimedAt,
  };
  // The token of the run is all that control wants for its model; the key is put in there.
  const access: ModelAccess = { provider: 'messages', baseUrl: `${grant.url}/model`, key: grant.token };
  const blobs = new FetchedBlobs(join(folder, 'blobs'), store, grant.tenant);
  return new App({
    build: process.env['OFFLOAD_BUILD'] ?? 'unknown',
    capabilities,
    services,
    tasks: {
      ...services,
      taskSlots: services.slots,
      sessions: new SessionStore(sessions, 'lambda', () => Promise.resolve(false)),
      blobs,
      adapters: ADAPTERS,
      models,
      programs: programsFrom(process.env),
      access,
      move,
      carry: carryBody(store, keys),
    },
    store: new RunStore(join(folder, 'runs'), 'lambda'),
    blobs,
    boxes: join(folder, 'boxes'),
    peers: undefined,
  });
}
