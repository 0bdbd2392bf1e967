import type { RunEvent, TerminalEvent } from '../protocol/event.ts';
import type { Environment, RunSummary } from '../protocol/reply.ts';
import type { PutPart, RunRequest } from '../protocol/request.ts';
import type { TaskInput, TaskRequest } from '../protocol/task.ts';
import type { PutWhole } from './whole-content.ts';

/** A run's events as one connection delivers them: numbered, perhaps cut short before the terminal one. */
export type RunStream = AsyncIterable<RunEvent>;

/** A place where runs happen. The same face for every target; what a target lacks it says in its capabilities. */
export interface Sandbox {
  /** What the target can do and how it is isolated, probed now. */
  environment(signal?: AbortSignal): Promise<Environment>;
  /** Submits a run and follows it. The same id again attaches to the run that is there. */
  submit(request: RunRequest | TaskRequest, signal?: AbortSignal): RunStream;
  /**
   * Follows a run from the event after number `after`.
   * @param onAlive called when the backend says that it is still there, while the run says nothing
   */
  attach(runId: string, after: number, signal?: AbortSignal, onAlive?: () => void): RunStream;
  /** Ends a run; resolves with its terminal event when no process of it is left. */
  cancel(runId: string, signal?: AbortSignal): Promise<TerminalEvent>;
  /**
   * Gives a task's agent a message, an answer or an interruption.
   * @throws OffloadError `run-ended` for a task that takes nothing any more
   */
  input(runId: string, input: TaskInput, signal?: AbortSignal): Promise<void>;
  /** Which of these blobs the target does not have. */
  missing(hashes: readonly string[], signal?: AbortSignal): Promise<string[]>;
  /** Brings blobs, or parts of them in order. */
  put(parts: readonly PutPart[], signal?: AbortSignal): Promise<void>;
  /** Brings a large content as a whole; undefined where the target takes none past its requests, or is not open yet. */
  readonly putWhole: PutWhole | undefined;
  /** The runs that the target remembers, newest first. */
  runs(signal?: AbortSignal): Promise<RunSummary[]>;
  /** The content of a change, checked against its hash. */
  readBlob(runId: string, hash: string, signal?: AbortSignal): Promise<Buffer>;
  dispose(): void;
}
