import type {
  ChangeEvent,
  CheckEvent,
  ExecutionEvent,
  Phase,
  RunEvent,
  TerminalEvent,
} from '../../protocol/event.ts';

/** Characters of standard error that a state keeps; the journal keeps it all. */
const KEPT_STDERR_CHARS = 16 * 1024;

/** What is known of a run after some of its events. A pure reduction: live, replayed and tested the same way. */
export interface RunState {
  /** The number of the last event. */
  readonly seq: number;
  readonly phase: Phase | undefined;
  /** When each phase was entered, by the backend's clock. */
  readonly phaseTimes: Readonly<Partial<Record<Phase, number>>>;
  readonly outputBytes: number;
  /** The end of what standard error said, for messages about a failed run. */
  readonly stderrTail: string;
  readonly changes: readonly ChangeEvent[];
  readonly notices: readonly { code: string; message: string }[];
  /** Of a task: its check, and the programs that it ran. */
  readonly check: CheckEvent | undefined;
  readonly executions: readonly ExecutionEvent[];
  readonly end: TerminalEvent | undefined;
}

export const INITIAL_STATE: RunState = {
  seq: 0,
  phase: undefined,
  phaseTimes: {},
  outputBytes: 0,
  stderrTail: '',
  changes: [],
  notices: [],
  check: undefined,
  executions: [],
  end: undefined,
};

/** The state after one more event. An event that was counted already changes nothing, nor does one after the end. */
export function reduce(state: RunState, event: RunEvent): RunState {
  if (event.seq <= state.seq || state.end !== undefined) return state;
  const next = { ...state, seq: event.seq };
  switch (event.type) {
    case 'phase':
      return {
        ...next,
        phase: event.phase,
        phaseTimes: { ...state.phaseTimes, [event.phase]: event.time },
      };
    case 'output': {
      const text = event.text ?? '';
      const bytes =
        event.text === undefined
          ? Buffer.byteLength(event.base64 ?? '', 'base64')
          : Buffer.byteLength(event.text);
      const stderrTail =
        event.stream === 'stderr' ? (state.stderrTail + text).slice(-KEPT_STDERR_CHARS) : state.stderrTail;
      return { ...next, outputBytes: state.outputBytes + bytes, stderrTail };
    }
    case 'change':
      return { ...next, changes: [...state.changes.filter((c) => c.path !== event.path), event] };
    case 'notice':
      return { ...next, notices: [...state.notices, { code: event.code, message: event.message }] };
    case 'check':
      return { ...next, check: event };
    case 'execution':
      return { ...next, executions: [...state.executions, event] };
    case 'agent':
    case 'unknown':
      return next;
    case 'completed':
    case 'failed':
    case 'cancelled':
      return { ...next, end: event };
  }
}
