import { follow } from '../../../src/core/run/follow.ts';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { ChangeEvent, RunEvent, TerminalEvent } from '../../../src/protocol/event.ts';
import { isTerminal } from '../../../src/protocol/event.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';

type ToolResult = Extract<AgentItem, { kind: 'tool-result' }>;

export const isResult = (item: AgentItem): item is ToolResult => item.kind === 'tool-result';

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

  get results(): ToolResult[] {
    return this.items.filter(isResult);
  }

  get changes(): ChangeEvent[] {
    return this.events.filter((event) => event.type === 'change');
  }

  /** The paths of what has changed, sorted. */
  get changedPaths(): string[] {
    return this.changes.map(({ path }) => path).sort();
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
