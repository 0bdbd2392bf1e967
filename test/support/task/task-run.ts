import { createHash, randomBytes } from 'node:crypto';
import { follow } from '../../../src/core/run/follow.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { ChangeEvent, RunEvent, TerminalEvent } from '../../../src/protocol/event.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import type { SnapshotEntry } from '../../../src/protocol/snapshot.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';

/** A key that is nobody's. */
export const MADE_UP_KEY = 'sk-ant-made-up-0123456789abcdef0123456789abcdef';

/** Files of a tree by path; a string that begins with `->` is a link's target. */
export type Files = Readonly<Record<string, string | Buffer>>;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Sends a tree to a sandbox, as a client does; gives the snapshot's name. */
export async function sendTree(sandbox: Sandbox, files: Files, executable: string[] = []): Promise<string> {
  const contents = new Map<string, Buffer>();
  const keep = (bytes: Buffer): string => {
    const hash = sha256(bytes);
    contents.set(hash, bytes);
    return hash;
  };
  const entries = Object.keys(files)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path): SnapshotEntry => {
      const content = files[path] ?? '';
      if (typeof content === 'string' && content.startsWith('->'))
        return { kind: 'link', path, target: content.slice(2) };
      const bytes = Buffer.from(content);
      const mode = executable.includes(path) ? 0o755 : 0o644;
      return { kind: 'file', path, mode, size: bytes.length, hash: keep(bytes) };
    });
  const name = keep(Buffer.from(JSON.stringify({ format: 1, entries })));
  const missing = await sandbox.missing([...contents.keys()]);
  await sandbox.put(
    missing.map((hash) => ({
      hash,
      offset: 0,
      base64: contents.get(hash)?.toString('base64') ?? '',
      last: true,
    })),
  );
  return name;
}

export type TaskWish = Partial<TaskRequest> & Pick<TaskRequest, 'prompt' | 'agent'>;

export const taskRequest = (wish: TaskWish): TaskRequest => ({
  kind: 'task',
  version: PROTOCOL_VERSION,
  runId: `r_${randomBytes(16).toString('hex')}`,
  title: wish.prompt.slice(0, 60),
  budget: {},
  limits: {},
  network: 'closed',
  execute: false,
  ...wish,
});

/** A task that is followed, and what is known of it so far. */
export class FollowedTask {
  readonly runId: string;
  readonly events: RunEvent[] = [];
  readonly ended: Promise<TerminalEvent>;
  readonly #waiting = new Set<() => void>();

  constructor(sandbox: Sandbox, request: TaskRequest) {
    this.runId = request.runId;
    this.ended = (async () => {
      try {
        for await (const event of follow(sandbox, { request })) {
          this.events.push(event);
          for (const wake of [...this.#waiting]) wake();
          if (isTerminal(event)) return event;
        }
        throw new Error('the task has no end');
      } finally {
        for (const wake of [...this.#waiting]) wake();
      }
    })();
    this.ended.catch(() => undefined);
  }

  get items(): AgentItem[] {
    return this.events.flatMap((event) => (event.type === 'agent' ? [event.item] : []));
  }

  get changes(): ChangeEvent[] {
    return this.events.filter((event) => event.type === 'change');
  }

  /** What the agent has said, all together. */
  get said(): string {
    return this.items.map((item) => (item.kind === 'text' ? item.delta : '')).join('');
  }

  /** The output of the task's own programs, by their names. */
  output(program: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    return this.events
      .map((event) =>
        event.type === 'output' && event.program === program && event.stream === stream ? event.text : '',
      )
      .join('');
  }

  /** Resolves with the first item that fits, as soon as it is there. @throws Error when the task ends without it */
  async item<T extends AgentItem>(fits: (item: AgentItem) => item is T): Promise<T>;
  async item(fits: (item: AgentItem) => boolean): Promise<AgentItem>;
  async item(fits: (item: AgentItem) => boolean): Promise<AgentItem> {
    const over = this.ended.then(
      () => true,
      () => true,
    );
    for (;;) {
      const found = this.items.find(fits);
      if (found !== undefined) return found;
      const more = new Promise<boolean>((resolve) =>
        this.#waiting.add(() => {
          resolve(false);
        }),
      );
      if ((await Promise.race([more, over])) && !this.items.some(fits)) {
        throw new Error(`no such item came: ${JSON.stringify(this.events.slice(-5))}`);
      }
    }
  }
}

/** Runs a task to its end. */
export async function runTask(
  sandbox: Sandbox,
  wish: TaskWish,
): Promise<{ task: FollowedTask; end: TerminalEvent }> {
  const task = new FollowedTask(sandbox, taskRequest(wish));
  return { task, end: await task.ended };
}
