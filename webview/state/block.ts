import type { AgentItem, Question } from '../../src/protocol/agent-item.ts';
import type { ProgramOutput } from './program-output.ts';

interface Base {
  /** Unique within its run; the same for as long as the run is shown. */
  readonly key: string;
}

export interface TextBlock extends Base {
  readonly kind: 'text' | 'thinking';
  readonly text: string;
}

export type ToolOutcome = Extract<AgentItem, { kind: 'tool-result' }>['outcome'];

export interface ToolBlock extends Base {
  readonly kind: 'tool';
  /** The agent's own name of it. */
  readonly id: string;
  readonly name: string;
  /** What it does, in the adapter's words; known with its whole input. */
  readonly title: string | undefined;
  /** JSON as it forms, cut anywhere. */
  readonly forming: string;
  /** The whole input, once it is known. */
  readonly input: unknown;
  readonly hasInput: boolean;
  readonly output: ProgramOutput;
  readonly outcome: ToolOutcome | undefined;
  readonly result: string;
  /** What a sub-agent says and does for it. */
  readonly children: readonly Block[];
  /** By the backend's clock, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

export interface QuestionBlock extends Base {
  readonly kind: 'question';
  readonly question: Question;
  /** `open` until it is answered or needs no answer any more. */
  readonly state: 'open' | 'answered' | 'dropped';
  readonly answer: string | undefined;
}

export interface MessageBlock extends Base {
  readonly kind: 'message';
  readonly text: string;
  readonly when: 'now' | 'next';
}

/** The model did not answer; one block for each row of attempts. */
export interface RetryBlock extends Base {
  readonly kind: 'retry';
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: string;
  /** When the last attempt was announced, by the backend's clock. */
  readonly time: number;
}

export interface NoticeBlock extends Base {
  readonly kind: 'notice';
  readonly message: string;
}

/** What is shown of a run, one below the other. */
export type Block = TextBlock | ToolBlock | QuestionBlock | MessageBlock | RetryBlock | NoticeBlock;
