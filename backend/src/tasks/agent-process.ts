import { setTimeout as delay } from 'node:timers/promises';
import { OffloadError } from '../../../src/protocol/error.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { AgentAdapter, AgentOptions } from '../agents/agent.ts';
import { throughModelPort } from '../agents/model-port/through-model-port.ts';
import type { Isolation } from '../isolation/box.ts';
import { signalOfExitCode } from '../isolation/signals.ts';
import { BoxWatch } from '../runs/box-watch.ts';
import { AgentTurns, type TurnsEnd, type TurnsListener } from './agent-turns.ts';
import { pipeStream } from './pipe-stream.ts';
import { StderrTail } from './stderr-tail.ts';
import type { Tools } from './tools.ts';
import { writeHomeFiles } from './home-files.ts';

/** Milliseconds that an agent has to end its turn when the task is ended, so that the conversation can go on later. */
const ENDING_TIME = 2000;
/** Milliseconds that an agent has to end by itself when nothing more comes. */
const LEAVING_TIME = 10_000;

export interface AgentBox {
  adapter: AgentAdapter;
  options: AgentOptions;
  isolation: Isolation;
  workspace: string;
  home: string;
  /** The folder that both lie in, whose size counts. */
  folder: string;
  /** The folder of the relay's socket, and the socket's name in it. */
  model: string;
  socketName: string;
  owner: number | undefined;
  /** The folder of the task's gate; none where its network is closed. */
  gate: string | undefined;
  limits: Limits;
  tools: Tools;
  /** What its commands have of AWS, by AWS's names. */
  aws: Readonly<Record<string, string>>;
}

/** An agent at work in its box. */
export interface AgentProcess {
  turns: AgentTurns;
  /** Resolves when no process of it is left: how its last turn ended, and what it took. */
  ended: Promise<{ end: TurnsEnd; usage: Omit<Usage, 'outputBytes'> }>;
}

/**
 * Starts an agent and its first turn. `signal` ends it: its turn first, so that it can keep its conversation, then every
 * process.
 * @throws OffloadError `no-agent`, `sandbox-failed`
 */
export async function startAgent(
  { adapter, options, isolation, workspace, home, model, socketName, ...rest }: AgentBox,
  listener: TurnsListener,
  signal: AbortSignal,
  onExceeded: (error: OffloadError) => void,
): Promise<AgentProcess> {
  const { owner, limits, tools } = rest;
  const inside = isolation.places({ workspace, home, model });
  const places = {
    workspace: inside.workspace,
    home: inside.home,
    modelSocket: `${inside.model}/${socketName}`,
  };
  const command = adapter.command(options, places);
  writeHomeFiles(home, command.homeFiles ?? {}, owner);
  const [program = ''] = command.argv;
  const env = isolation.environment({ workspace, home, interpreter: program, own: {} });
  const started = throughModelPort(command, places.modelSocket);
  const box = await isolation.start({
    workspace,
    home,
    model,
    gate: rest.gate,
    owner,
    argv: started.argv,
    env: { ...env, ...rest.aws, PATH: [...tools.path, env['PATH']].join(':'), ...tools.env, ...started.env },
    readOnly: [...new Set([...started.readOnly, ...tools.readOnly])],
    stdin: 'pipe',
    limits: { ...limits, memoryBytes: limits.memoryBytes + (command.reservedBytes ?? 0) },
    memoryLimit: 'data',
  });
  const { stdin } = box;
  if (stdin === undefined) throw new Error('a box that is spoken to has an input');
  // An agent that ends does not read what it is told.
  stdin.on('error', () => undefined);
  const killing = new AbortController();
  const kill = (): void => {
    killing.abort();
  };
  const watch = new BoxWatch(box, {
    limits,
    workspace: rest.folder,
    signal: killing.signal,
    onExceeded: (error) => {
      // When its time is over it may still end its turn; what eats the machine ends now.
      if (error.code !== 'timeout') kill();
      onExceeded(error);
    },
  });
  const stderr = new StderrTail(box.stderr);
  const conversation = adapter.converse({ stdin, stdout: pipeStream(box.stdout) }, options, places);
  const turns = new AgentTurns(conversation, listener);
  const stop = (): void => {
    turns.stop();
    setTimeout(kill, ENDING_TIME).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  const ended = (async () => {
    try {
      const said = turns.live();
      // A process that has gone says nothing more; one that has nothing more to say goes, by itself or not.
      void turns.over.then(() => delay(LEAVING_TIME, undefined, { ref: false })).then(kill);
      const exit = await box.exited;
      const end = await said;
      await stderr.ended;
      const limitEnd = watch.limitEnd(exit);
      if (limitEnd !== undefined) onExceeded(limitEnd);
      return {
        end: end.outcome === 'broken-off' ? brokenOff(adapter.name, exit.exitCode, stderr.text) : end,
      };
    } finally {
      signal.removeEventListener('abort', stop);
    }
  })();
  return {
    turns,
    ended: ended.then(
      ({ end }) => ({ end, usage: watch.stop() }),
      (error: unknown) => {
        watch.stop();
        throw error;
      },
    ),
  };
}

/** An agent that ended in the middle of something. */
function brokenOff(name: string, exitCode: number, said: string): TurnsEnd {
  const signal = signalOfExitCode(exitCode);
  const how = signal === undefined ? `with exit code ${String(exitCode)}` : `by ${signal}`;
  const why = said === '' ? '' : ` It said: ${said.slice(-2000)}`;
  return {
    outcome: 'failed',
    error: new OffloadError('agent-failed', `${name} ended ${how}, in the middle of its work.${why}`, {
      fix: 'What it did is kept: reply to the task to go on.',
    }),
  };
}
