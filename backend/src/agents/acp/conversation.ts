import type { AgentItem } from '../../../../src/protocol/agent-item.ts';
import { asOffloadError, OffloadError } from '../../../../src/protocol/error.ts';
import { TurnCount } from '../turn-count.ts';
import type {
  AgentOptions,
  AgentPlaces,
  AgentReport,
  AgentStreams,
  Conversation,
  TurnEnd,
} from '../agent.ts';
import type { AcpAgent } from './agent-kind.ts';
import { connect, type RemoteAgent } from './connection.ts';
import { requestFailure } from './failure.ts';
import { askedSchema, promptEndSchema, updatedSchema } from './messages.ts';
import { Reader } from './reader.ts';
import { ReportQueue } from '../report-queue.ts';
import { openSession, type Session } from './session.ts';
import { turnEnd } from './turn-end.ts';

/** Milliseconds that an agent may take to open a conversation, and to end a turn that it is told to. */
const OPENING_TIME = 120_000;
const STOPPING_TIME = 30_000;

export interface Patience {
  openingMs: number;
  stoppingMs: number;
}

/** Why a turn is being ended before it would end by itself. */
type Stopping = 'interrupted' | 'turn-limit' | 'steered';

/**
 * Speaks the Agent Client Protocol. A turn is one prompt, or several where messages got into it (see `steering` of
 * {@link AcpAgent}); it has ended when none of them waits for its answer. Turns of the model are counted here, since the
 * protocol has no limit for them: the answer that is one too many is cut at its beginning.
 */
export class AcpConversation implements Conversation {
  readonly reports = new ReportQueue();
  readonly #kind: AcpAgent;
  readonly #streams: AgentStreams;
  readonly #options: AgentOptions;
  readonly #reader: Reader;
  readonly #count = new TurnCount();
  readonly #patience: Patience;
  #agent: RemoteAgent | undefined;
  #session: Session | undefined;
  /** What the agent has to be prompted with yet. */
  #waiting: string[];
  /** Prompts that have no answer yet. */
  #prompts = 0;
  #stopping: Stopping | undefined;
  /** Tools of the answer that is one too many, of which nothing is told. */
  readonly #cut = new Set<string>();
  #stopTimer: NodeJS.Timeout | undefined;
  /** Nothing more can be done with the agent. */
  #over = false;

  constructor(
    kind: AcpAgent,
    streams: AgentStreams,
    options: AgentOptions,
    places: Pick<AgentPlaces, 'workspace'>,
    patience: Patience = { openingMs: OPENING_TIME, stoppingMs: STOPPING_TIME },
  ) {
    this.#kind = kind;
    this.#streams = streams;
    this.#options = options;
    this.#patience = patience;
    this.#reader = new Reader(places.workspace, (name, input) => kind.todosIn(name, input));
    const { prompt, instructions } = options;
    this.#waiting = kind.promptInstructions && instructions !== undefined ? [instructions, prompt] : [prompt];
    this.#live(places.workspace).catch((error: unknown) => this.#fail(error));
  }

  send(text: string): void {
    this.#waiting.push(text);
    this.#next();
  }

  /** It asks nothing of its user. */
  answer(): boolean {
    return false;
  }

  interrupt(): void {
    if (this.#prompts > 0) {
      this.#waiting = [];
      this.#stop('interrupted');
    } else if (this.#waiting.length > 0) {
      this.#waiting = [];
      this.reports.push({ type: 'turn', end: { outcome: 'interrupted', text: '' } });
    }
  }

  end(): void {
    this.#streams.stdin.end();
  }

  async #live(workspace: string): Promise<void> {
    const agent = await connect(this.#streams, {
      room: () => this.reports.room(),
      onUpdate: (params) => {
        this.#updated(params);
      },
      onPermission: (params) => {
        this.#asked(params);
      },
      onEnd: (error) => {
        if (error !== undefined) this.#fail(error);
        // How the process ended says more than that its requests have no answer.
        this.#over = true;
        clearTimeout(this.#stopTimer);
        this.reports.close();
      },
    });
    this.#agent = agent;
    try {
      this.#session = await inTime(
        openSession(agent, this.#kind, workspace, this.#options),
        this.#patience.openingMs,
        () => this.#hung('open a conversation', this.#patience.openingMs),
      );
    } catch (error) {
      this.#fail(error);
      return;
    }
    const { id, name, model } = this.#session;
    this.reports.push({ type: 'conversation', id });
    this.#tell([{ kind: 'session', agent: name, ...(model === undefined ? {} : { model }) }]);
    this.#next();
  }

  /** Prompts the agent with all that waits, as soon as it can be. */
  #next(): void {
    if (this.#session === undefined || this.#over || this.#stopping !== undefined) return;
    if (this.#waiting.length === 0) return;
    if (this.#prompts > 0 && this.#kind.steering === 'cancel') this.#stop('steered');
    else void this.#prompt(this.#session.id, this.#waiting.splice(0));
  }

  async #prompt(sessionId: string, texts: readonly string[]): Promise<void> {
    if (this.#prompts++ === 0)
      this.#count.add({ kind: 'message', id: 'prompt', text: '', when: 'now' }, undefined);
    const prompt = texts.map((text) => ({ type: 'text' as const, text }));
    try {
      const answer = promptEndSchema.safeParse(
        await this.#agent?.request('session/prompt', { sessionId, prompt }),
      );
      this.#prompts--;
      this.#answered(answer.data?.stopReason ?? '');
    } catch (error) {
      this.#prompts--;
      // An agent may take being stopped for a failure of its own.
      if (this.#stopping === undefined) this.#fail(error);
      else this.#answered('cancelled');
    }
  }

  #answered(reason: string): void {
    if (this.#over || this.#prompts > 0) return;
    clearTimeout(this.#stopTimer);
    const stopping = this.#stopping;
    this.#stopping = undefined;
    this.#tell(this.#reader.end());
    if (stopping === 'turn-limit') this.#ended({ outcome: 'turn-limit' });
    // What waits came after an interruption: the task goes on with it.
    else if (this.#waiting.length > 0) this.#next();
    else if (stopping === 'interrupted') this.#ended({ outcome: 'interrupted', text: this.#reader.said });
    else this.#ended(turnEnd(this.#kind.name, reason, this.#reader.said));
  }

  /** Ends the turn that goes on. What it is ended for first counts, but an interruption is the user's own wish. */
  #stop(why: Stopping): void {
    if (this.#over || this.#session === undefined) return;
    const isToldAlready = this.#stopping !== undefined;
    if (!isToldAlready || why === 'interrupted') this.#stopping = why;
    if (isToldAlready) return;
    const { stoppingMs } = this.#patience;
    this.#stopTimer = setTimeout(() => this.#fail(this.#hung('stop', stoppingMs)), stoppingMs).unref();
    // That it has gone is told by its end.
    void this.#agent?.notify('session/cancel', { sessionId: this.#session.id }).catch(() => undefined);
  }

  #updated(params: unknown): void {
    const updated = updatedSchema.safeParse(params).data;
    if (updated === undefined || !this.#concerns(updated.sessionId)) return;
    const isInterrupted = this.#stopping !== undefined;
    this.#take(() => this.#reader.read(updated.update, isInterrupted));
  }

  #asked(params: unknown): void {
    const asked = askedSchema.safeParse(params).data;
    if (asked !== undefined && this.#concerns(asked.sessionId))
      this.#take(() => this.#reader.asked(asked.toolCall));
  }

  /** What is told outside a turn was told before, or comes too late. */
  #concerns(sessionId: string): boolean {
    return !this.#over && this.#prompts > 0 && sessionId === this.#session?.id;
  }

  #take(read: () => AgentItem[]): void {
    try {
      this.#tell(read());
    } catch (error) {
      this.#fail(error);
    }
  }

  #tell(items: readonly AgentItem[]): void {
    const { maxTurns = Infinity } = this.#options;
    for (const item of items) {
      this.#count.add(item, undefined);
      const isTooMuch = item.kind === 'tool-result' ? this.#cut.has(item.id) : this.#count.turns > maxTurns;
      if (!isTooMuch) this.reports.push({ type: 'item', item });
      else {
        if (item.kind === 'tool') this.#cut.add(item.id);
        this.#stop('turn-limit');
      }
    }
  }

  #ended(end: TurnEnd): void {
    const report: AgentReport = { type: 'turn', end };
    this.reports.push(report);
  }

  #fail(thrown: unknown): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#stopTimer);
    const error = asOffloadError(requestFailure(this.#kind.name, thrown));
    this.#ended({ outcome: 'failed', error });
  }

  #hung(what: string, ms: number): OffloadError {
    const seconds = String(Math.round(ms / 1000));
    return new OffloadError('agent-failed', `${this.#kind.name} did not ${what} within ${seconds} seconds.`, {
      fix: 'What it did is kept: reply to the task to go on.',
    });
  }
}

/** @throws what `late` gives, when the time is over */
async function inTime<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(late());
        }, ms).unref();
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
