import type { Chosen, ToHostBody, ToPage, ToPageHandlers } from '../../src/protocol/chat.ts';
import type { ChatState } from './chat-state.ts';
import { reduceRun } from './reduce-run.ts';
import { EMPTY_RUN } from './run-view.ts';

/** A state, and what the host is to be asked because of it. */
export interface Step {
  readonly state: ChatState;
  readonly ask?: ToHostBody;
}

/**
 * The state after a message of the host's.
 * @param now the page's clock, milliseconds since 1970
 */
export function reduceChat(state: ChatState, message: ToPage, now: number): Step {
  const handlers: ToPageHandlers<Step> = {
    state: ({ choices, chosen, sessions, trusted, obstacle }) => ({
      // What was picked since is on its way.
      state: { ...state, choices, chosen: lastChosen(state) ?? chosen, sessions, trusted, obstacle },
    }),
    session: ({ id, runs }) => {
      const known = new Set(runs.map(({ runId }) => runId));
      return {
        state: {
          ...state,
          session: id,
          hasSession: true,
          entries: runs,
          runs: only(state.runs, known),
          standings: only(state.standings, known),
          reviews: only(state.reviews, known),
          heard: only(state.heard, known),
          heardEvents: only(state.heardEvents, known),
        },
      };
    },
    standing: ({ runId, standing }) => ({
      state: { ...heard(state, runId, now), standings: new Map(state.standings).set(runId, standing) },
    }),
    events: ({ runId, after, events, last }) => {
      const run = state.runs.get(runId) ?? EMPTY_RUN;
      // VS Code drops messages to a page that is not shown.
      if (after > run.seq) return { state, ask: { type: 'replay', runId, after: run.seq } };
      const next = reduceRun(run, events, last);
      return {
        state: {
          ...heard(state, runId, now),
          runs: new Map(state.runs).set(runId, next),
          heardEvents: new Map(state.heardEvents).set(runId, now),
        },
      };
    },
    alive: ({ runId }) => ({ state: heard(state, runId, now) }),
    changes: ({ runId, files }) => ({
      state: { ...state, reviews: new Map(state.reviews).set(runId, files) },
    }),
    reply: ({ id, error }) => {
      const answered = state.pending.get(id);
      const pending = new Map(state.pending);
      pending.delete(id);
      if (answered === undefined || error === undefined) return { state: { ...state, pending } };
      return { state: { ...state, pending, failure: { message: answered, error } } };
    },
    // What is typed and what is focused is the views'.
    draft: () => ({ state }),
    show: () => ({ state }),
  };
  return dispatch(handlers, message);
}

/** The state with a message on its way. A new one takes away what is said of an earlier one. */
export const withPending = (state: ChatState, id: number, message: ToHostBody): ChatState => ({
  ...state,
  pending: new Map(state.pending).set(id, message),
  ...(isQuiet(message) ? {} : { failure: undefined }),
  ...(message.type === 'choose' ? { chosen: message.chosen } : {}),
});

const lastChosen = ({ pending }: ChatState): Chosen | undefined =>
  [...pending.values()].findLast((message) => message.type === 'choose')?.chosen;

/** What a page asks by itself, without anybody having pressed anything. */
const isQuiet = ({ type }: ToHostBody): boolean => type === 'ready' || type === 'replay' || type === 'choose';

const heard = (state: ChatState, runId: string, now: number): ChatState => ({
  ...state,
  heard: new Map(state.heard).set(runId, now),
});

const only = <Value>(
  map: ReadonlyMap<string, Value>,
  keys: ReadonlySet<string>,
): ReadonlyMap<string, Value> => new Map([...map].filter(([key]) => keys.has(key)));

/** The one place where the compiler does not see that a message goes to the handler of its kind. */
const dispatch = (handlers: ToPageHandlers<Step>, message: ToPage): Step =>
  (handlers[message.type] as (message: ToPage) => Step)(message);
