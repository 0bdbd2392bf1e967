import type { ContainerOptions } from '../../src/protocol/container.ts';
import { IMAGE_AGENT } from '../../src/protocol/container.ts';
import { LANGUAGES } from '../../src/protocol/languages.ts';
import type { Capabilities } from '../../src/protocol/reply.ts';
import { MAX_REQUEST_BYTES } from '../../src/protocol/request.ts';
import { ADAPTERS } from './agents/adapters.ts';
import { claudeCode } from './agents/claude-code/claude-code.ts';
import { Interpreters } from './executors/interpreters.ts';
import type { Isolation } from './isolation/box.ts';
import { Bubblewrap } from './isolation/bubblewrap.ts';
import { Container } from './isolation/container/container.ts';
import { ImageInterpreters } from './isolation/container/image-interpreters.ts';
import type { Pipes } from './isolation/pipes.ts';
import type { RunServices } from './runs/run-services.ts';
import type { TaskServices } from './tasks/task-services.ts';

/** The folders of a server, and what is made there. */
interface ServerPlaces {
  /** For what boxes are made of. */
  boxes: string;
  sessions: string;
  models: string;
  gates: string;
  runtime: string;
  state: string;
  pipes: Pipes;
}

/** How a server keeps programs apart, and what follows from that. */
interface ServerBoxes {
  isolation: Isolation;
  interpreters: RunServices['interpreters'];
  /** What of it depends on the isolation is known once that was probed. */
  capabilities: Omit<Capabilities, 'isolation'>;
  tasks: Pick<TaskServices, 'adapters' | 'programs' | 'programsInBox'>;
  /** Ends what servers that are gone have left. */
  sweep: () => Promise<void>;
  dispose: () => Promise<void>;
}

/** What both kinds of servers can do. */
const COMMON = {
  languages: LANGUAGES.map(({ id }) => id),
  maxRequestBytes: MAX_REQUEST_BYTES,
  attach: true,
  cancel: true,
};

/** Boxes on this machine: its own programs, kept apart by its kernel. */
export function localBoxes({ boxes, sessions, models, gates, runtime, pipes }: ServerPlaces): ServerBoxes {
  const isolation = new Bubblewrap({ boxes, shared: [sessions, models, gates], runtime, pipes });
  return {
    isolation,
    interpreters: new Interpreters(),
    capabilities: {
      ...COMMON,
      target: 'local',
      network: ['closed', 'open'],
      networkAllow: true,
      limits: [...isolation.limits],
      agents: ADAPTERS.map(({ id }) => id),
      hostInterpreters: true,
    },
    tasks: { adapters: ADAPTERS },
    sweep: () => Promise.resolve(),
    dispose: () => {
      isolation.dispose();
      return Promise.resolve();
    },
  };
}

/** Boxes that are containers of the backend's image: its programs, and its agent. */
export function containerBoxes(places: ServerPlaces, options: ContainerOptions): ServerBoxes {
  const isolation = new Container({ ...places, ...options });
  // Relays and gates answer at sockets of this machine.
  const hasSockets = (): boolean => isolation.facts?.sockets !== false;
  return {
    isolation,
    interpreters: new ImageInterpreters(isolation),
    capabilities: {
      ...COMMON,
      target: 'container',
      get network(): ('closed' | 'open')[] {
        return hasSockets() ? ['closed', 'open'] : ['closed'];
      },
      get networkAllow(): boolean {
        return hasSockets();
      },
      get limits(): string[] {
        return [...isolation.limits];
      },
      get agents(): string[] {
        return hasSockets() && isolation.facts?.agent !== false ? [claudeCode.id] : [];
      },
      hostInterpreters: false,
    },
    tasks: { adapters: [claudeCode], programs: { [claudeCode.id]: IMAGE_AGENT }, programsInBox: true },
    sweep: () => isolation.sweep(),
    dispose: () => isolation.dispose(),
  };
}
