import { fileURLToPath } from 'node:url';

/** What the scripted agent does in a turn, one after the other. */
export type Step =
  /** Tells this as the `update` of a `session/update`. */
  | { update: object }
  /** Says this. */
  | { say: string }
  /** Says what it was told so far, as JSON: requests and notifications with their parameters. */
  | { sayTold: true }
  /** Asks for permission with this, and says what came of it. */
  | { permission: { toolCall: object; options: object[] } }
  /** Asks its client for something else, and says the error. */
  | { ask: string }
  /** Sends the model a message, and says the answer's text. */
  | { askModel: string }
  /** Waits until the turn is cancelled, whose end it says then. */
  | { untilCancelled: true }
  | { stop: string }
  | { fail: { code: number; message: string; data?: unknown } }
  /** Ends at once. */
  | { exit: number };

/** A scripted agent, which speaks the protocol by its own library. */
export interface Scenario {
  /** The turns, in order; the last one again for all that follow. A prompt in the midst of a turn waits for its end. */
  turns: readonly (readonly Step[])[];
  version?: number;
  info?: { name: string; title?: string; version: string };
  /** How it goes on with a conversation of before. */
  goesOn?: 'resume' | 'load';
  /** The models that it offers, the first of which it uses. */
  models?: readonly string[];
  /** What it answers `session/new` with. */
  opening?: { fail: { code: number; message: string; data?: unknown } };
}

export const SCRIPTED_AGENT = fileURLToPath(new URL('agent.ts', import.meta.url));

/** How the scripted agent is started, but for its program, which is Node. */
export const scripted = (scenario: Scenario): string[] => [SCRIPTED_AGENT, JSON.stringify(scenario)];

/** What a program does that is no agent, or a hostile one. */
export type Hostility =
  /** Writes lines that are no messages, and messages that fit no schema, then does its work. */
  | 'garbage'
  /** Writes a line that has no end. */
  | 'endless-line'
  /** Answers nothing, and stays. */
  | 'silent'
  /** Answers what opens a conversation with things that are no answer. */
  | 'wrong-answers'
  /** Asks without end, and reads no answer. */
  | 'asking'
  /** Uses tools without end. */
  | 'tools'
  /** Begins a turn, and is not to be stopped. */
  | 'deaf'
  /** Ends as soon as it has done its work. */
  | 'leaving'
  /** Goes on telling when its turn has ended. */
  | 'late';

const HOSTILE_AGENT = fileURLToPath(new URL('hostile.ts', import.meta.url));

export const hostile = (kind: Hostility): string[] => [HOSTILE_AGENT, kind];
