import type { AgentItem } from '../../src/protocol/agent-item.ts';
import type {
  ChangeEvent,
  CheckEvent,
  ExecutionEvent,
  Phase,
  TerminalEvent,
} from '../../src/protocol/event.ts';
import type { ModelUsage } from '../../src/protocol/usage.ts';
import { EMPTY_TREE, type BlockTree } from './block-tree.ts';
import type { ProgramOutput } from './program-output.ts';

export type Todo = Extract<AgentItem, { kind: 'todos' }>['items'][number];

/** What is known of a run after some of its events. A pure reduction; nothing of it is changed in place. */
export interface RunView {
  /** The number of the last event that it stands for. */
  readonly seq: number;
  readonly phase: Phase | undefined;
  /** The agent's name and version, and its model. */
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly tree: BlockTree;
  readonly todos: readonly Todo[];
  readonly usage: ModelUsage | undefined;
  /** By program: `check`, a file's path, or `''` for what is not a task. */
  readonly outputs: ReadonlyMap<string, ProgramOutput>;
  /** By path. */
  readonly changes: ReadonlyMap<string, ChangeEvent>;
  readonly check: CheckEvent | undefined;
  readonly executions: readonly ExecutionEvent[];
  readonly end: TerminalEvent | undefined;
  /** Times of the first and the last event, by the backend's clock. */
  readonly startedAt: number | undefined;
  readonly lastAt: number | undefined;
}

export const EMPTY_RUN: RunView = {
  seq: 0,
  phase: undefined,
  agent: undefined,
  model: undefined,
  tree: EMPTY_TREE,
  todos: [],
  usage: undefined,
  outputs: new Map(),
  changes: new Map(),
  check: undefined,
  executions: [],
  end: undefined,
  startedAt: undefined,
  lastAt: undefined,
};
