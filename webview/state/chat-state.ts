import type {
  Choices,
  Chosen,
  ReviewedFile,
  SessionRun,
  SessionSummary,
  ShownError,
  Standing,
  ToHostBody,
} from '../../src/protocol/chat.ts';
import type { RunView } from './run-view.ts';

/** A message to the host that was refused, and why. */
export interface Failure {
  readonly message: ToHostBody;
  readonly error: ShownError;
}

/** All that the page shows. What the user is typing, and what is open or closed, is the views' own. */
export interface ChatState {
  /** Undefined until the host has said how things stand. */
  readonly choices: Choices | undefined;
  readonly chosen: Chosen | undefined;
  readonly sessions: readonly SessionSummary[];
  readonly trusted: boolean;
  readonly obstacle: ShownError | undefined;
  /** The session that is shown; null for one that is about to begin. */
  readonly session: string | null;
  /** Whether the host has said which session is shown. */
  readonly hasSession: boolean;
  readonly entries: readonly SessionRun[];
  /**
   * Of each run of the session: its events, how it stands, its changes, and when it was last heard of (the page's clock),
   * of its events and at all.
   */
  readonly runs: ReadonlyMap<string, RunView>;
  readonly standings: ReadonlyMap<string, Standing>;
  readonly reviews: ReadonlyMap<string, readonly ReviewedFile[]>;
  readonly heardEvents: ReadonlyMap<string, number>;
  readonly heard: ReadonlyMap<string, number>;
  /** Messages that wait for the host's reply. */
  readonly pending: ReadonlyMap<number, ToHostBody>;
  /** What was refused last. */
  readonly failure: Failure | undefined;
}

export const INITIAL_CHAT: ChatState = {
  choices: undefined,
  chosen: undefined,
  sessions: [],
  trusted: true,
  obstacle: undefined,
  session: null,
  hasSession: false,
  entries: [],
  runs: new Map(),
  standings: new Map(),
  reviews: new Map(),
  heardEvents: new Map(),
  heard: new Map(),
  pending: new Map(),
  failure: undefined,
};

/** Whether a message of this kind, about this run if one is named, waits for its reply. */
export function isPending(state: ChatState, type: ToHostBody['type'], runId?: string): boolean {
  for (const message of state.pending.values()) {
    if (message.type === type && (runId === undefined || ('runId' in message && message.runId === runId)))
      return true;
  }
  return false;
}

/** The run of the session that goes on, or is about to: the last one is asked first. */
export function activeTask(state: ChatState): Extract<SessionRun, { kind: 'task' }> | undefined {
  const last = state.entries.findLast((entry) => entry.kind === 'task');
  return last !== undefined && isActive(state, last.runId) ? last : undefined;
}

/**
 * Why the session that is shown is not gone on with by what is sent next: its last task left nothing to go on from, or is
 * in another place than the one that is picked. Undefined where it is.
 */
export function endOfSession(state: ChatState): string | undefined {
  const { choices, chosen, entries, standings } = state;
  // One that was not sent is tried again.
  const last = entries.findLast(
    (entry) => entry.kind === 'task' && standings.get(entry.runId)?.state !== 'unsent',
  );
  if (last?.kind !== 'task' || isActive(state, last.runId)) return undefined;
  if (last.final !== undefined) return last.final;
  if (chosen === undefined || last.chosen.target === chosen.target) return undefined;
  const label = (id: string): string => choices?.targets.find((each) => each.id === id)?.label ?? id;
  return `The files and the conversation of this chat are on ${label(last.chosen.target)}, and do not move to ${label(chosen.target)}.`;
}

/** Whether a run goes on, so far as is known. */
export function isActive({ standings, runs }: ChatState, runId: string): boolean {
  if (runs.get(runId)?.end !== undefined) return false;
  const standing = standings.get(runId)?.state;
  return standing === undefined || standing === 'preparing' || standing === 'following';
}
