import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type {
  AgentAdapter,
  AgentOptions,
  AgentReport,
  Conversation,
  TurnEnd,
} from '../../../backend/src/agents/agent.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import { messagesApi, type MessagesApi, type MessagesApiOptions } from '../messages-api/server.ts';
import { socketTo } from './socket-to.ts';

/** Where an agent lives: its home and its workspace, which stay from one process to the next. */
export interface AgentFolders {
  home: string;
  workspace: string;
}

export function agentFolders(): AgentFolders {
  const folder = mkdtempSync(join(tmpdir(), 'a-'));
  const folders = { home: join(folder, 'home'), workspace: join(folder, 'workspace') };
  for (const each of Object.values(folders)) mkdirSync(each);
  return folders;
}

export const NO_OPTIONS: AgentOptions = {
  prompt: 'do it',
  model: undefined,
  instructions: undefined,
  maxTurns: undefined,
  toolServers: {},
  resume: undefined,
  program: undefined,
  args: [],
};

/**
 * A real agent as a plain process, spoken with by its adapter, in a home and an environment of its own, with a scripted
 * model behind the socket.
 */
export class AgentSession {
  readonly reports: AgentReport[] = [];
  /** The model that it speaks to. */
  readonly api: MessagesApi;
  readonly #conversation: Conversation;
  readonly #child: ChildProcess;
  readonly #closeSocket: () => void;
  /** Resolves with the exit code, or the signal, when it has ended and all its reports were read. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  #stderr = '';
  /** Who waits for a report. */
  readonly #waiting = new Set<() => void>();

  private constructor({ api, child, conversation, closeSocket }: Parts) {
    this.api = api;
    [this.#child, this.#conversation, this.#closeSocket] = [child, conversation, closeSocket];
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    this.ended = this.#read().then(async () => {
      const [code, signal] = await exit;
      return code ?? signal;
    });
  }

  static async start(
    adapter: AgentAdapter,
    script: MessagesApiOptions | MessagesApi,
    options: Partial<AgentOptions>,
    folders: AgentFolders = agentFolders(),
  ): Promise<AgentSession> {
    const { home, workspace } = folders;
    const api = 'requests' in script ? script : await messagesApi(script);
    const run = mkdtempSync(join(dirname(home), 'r-'));
    const places = { home, workspace, modelSocket: join(run, 'model.sock') };
    const closeSocket = await socketTo(api.url, places.modelSocket);
    const whole = { ...NO_OPTIONS, ...options };
    const command = adapter.command(whole, places);
    for (const [path, text] of Object.entries(command.homeFiles ?? {})) {
      mkdirSync(dirname(join(home, path)), { recursive: true });
      writeFileSync(join(home, path), text);
    }
    const [program = '', ...args] = command.argv;
    const child = spawn(program, args, {
      cwd: workspace,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: home, TMPDIR: run, ...command.env },
      stdio: 'pipe',
      detached: true,
    });
    child.stdin.on('error', () => undefined);
    const conversation = adapter.converse({ stdin: child.stdin, stdout: child.stdout }, whole, places);
    return new AgentSession({ api, child, conversation, closeSocket });
  }

  get items(): AgentItem[] {
    return this.reports.flatMap((report) => (report.type === 'item' ? [report.item] : []));
  }

  get turns(): TurnEnd[] {
    return this.reports.flatMap((report) => (report.type === 'turn' ? [report.end] : []));
  }

  /** Its own name of the conversation. */
  get conversation(): string | undefined {
    return this.reports.find((report) => report.type === 'conversation')?.id;
  }

  of<Kind extends AgentItem['kind']>(kind: Kind): Extract<AgentItem, { kind: Kind }>[] {
    return this.items.filter((item): item is Extract<AgentItem, { kind: Kind }> => item.kind === kind);
  }

  /** What it says itself, without its sub-agents. */
  get said(): string {
    const own = this.reports.flatMap((report) =>
      report.type === 'item' && report.parent === undefined && report.item.kind === 'text'
        ? [report.item.delta]
        : [],
    );
    return own.join('');
  }

  /** Resolves with the first item of a kind that fits, of those that came and those that come. */
  async item<Kind extends AgentItem['kind']>(
    kind: Kind,
    fits: (item: Extract<AgentItem, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<AgentItem, { kind: Kind }>> {
    return this.#first(() => this.of(kind).find(fits), `an item of the kind ${kind}`);
  }

  /** Resolves with the end of the turn of that number, from 1. */
  async turn(number = 1): Promise<TurnEnd> {
    return this.#first(() => this.turns[number - 1], `the end of turn ${String(number)}`);
  }

  send = (text: string): void => this.#conversation.send(text);
  interrupt = (): void => this.#conversation.interrupt();
  answer = (...args: Parameters<Conversation['answer']>): boolean => this.#conversation.answer(...args);

  /** Tells it that nothing more comes, and waits for its end. */
  async end(): Promise<number | NodeJS.Signals | null> {
    this.#conversation.end();
    return this.ended;
  }

  /** Leaves no process and no server behind. */
  async dispose(): Promise<void> {
    const { pid } = this.#child;
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended, and nothing of its group is left.
    }
    await this.ended.catch(() => undefined);
    this.#closeSocket();
    await this.api.close();
  }

  async #read(): Promise<void> {
    for await (const report of this.#conversation.reports) {
      this.reports.push(report);
      this.#tellMore();
    }
    this.#tellMore();
  }

  #tellMore(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const each of waiting) each();
  }

  async #first<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    const over = this.ended.then(() => true);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const more = new Promise<false>((resolve) => this.#waiting.add(() => resolve(false)));
      if (!(await Promise.race([over, more]))) continue;
      const last = find();
      if (last !== undefined) return last;
      const all = JSON.stringify(this.reports).slice(-2000);
      throw new Error(`The agent ended without ${what}. It told: ${all}. It said: ${this.#stderr}`);
    }
  }
}

interface Parts {
  api: MessagesApi;
  child: ChildProcess;
  conversation: Conversation;
  closeSocket: () => void;
}
