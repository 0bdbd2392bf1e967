import type { Readable, Writable } from 'node:stream';
import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';

/** What an agent is started for. */
export interface AgentOptions {
  prompt: string;
  model: string | undefined;
  instructions: string | undefined;
  maxTurns: number | undefined;
  toolServers: NonNullable<TaskRequest['toolServers']>;
  /** The agent's own name of the conversation that goes on; see {@link AgentReport}. */
  resume: string | undefined;
  /** The host's program and its arguments, as the request names them. */
  program: string | undefined;
  /** Whether the program is one that boxes have by themselves, which the backend cannot look at. */
  programInBox?: boolean;
  args: readonly string[];
}

/** Where an agent works, as it sees it. */
export interface AgentPlaces {
  /** Its working directory. */
  workspace: string;
  /** Its home, which stays from one run of a conversation to the next. */
  home: string;
  /** A unix socket at which the relay answers as the Messages API does. No key is needed there. */
  modelSocket: string;
}

/** How to start an agent. */
export interface AgentCommand {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Host paths that it needs, bound read-only at the same place. */
  readOnly: readonly string[];
  /** Files for its home, by path from there: settings, configuration. They replace what is there. */
  homeFiles?: Readonly<Record<string, string>>;
  /** A port of the box's loopback that leads to the model's socket: for an agent that speaks to nothing else. */
  modelPort?: number;
  /**
   * Bytes that each of its processes reserves and does not use, as engines with compilers of their own do. The kernel's
   * limit leaves room for them; what is used is held to the task's limit all the same, by watching.
   */
  reservedBytes?: number;
}

/** What an agent with an engine of its own reserves: Bun's does without its compilers where it cannot have as much. */
export const ENGINE_RESERVED = 4 * 1024 ** 3;

/** What an agent tells, in order. */
export type AgentReport =
  | { type: 'item'; item: AgentItem; parent?: string }
  /** Its own name of the conversation, by which it goes on with it later. */
  | { type: 'conversation'; id: string }
  /** Something that its user should know and that ends nothing. */
  | { type: 'notice'; message: string }
  /** A turn has ended: it waits for a message, or for its end. */
  | { type: 'turn'; end: TurnEnd };

export type TurnEnd =
  | { outcome: 'done' | 'interrupted'; text: string }
  /** It has had as many answers as it may have. */
  | { outcome: 'turn-limit' }
  | { outcome: 'failed'; error: OffloadError };

/**
 * A conversation with an agent's process. It ends when the process closes its output; what it says then is the process's
 * end to tell. Nothing that an agent writes makes it throw but {@link OffloadError} `agent-failed`, by `reports`.
 */
export interface Conversation {
  readonly reports: AsyncIterable<AgentReport>;
  /** Gives it a further message of the user's: into the turn that goes on, or as the next one. */
  send(text: string): void;
  /** Answers a question that it asked. False where it waits for no such answer. */
  answer(id: string, answer: { chosen: readonly string[]; text: string | undefined }): boolean;
  /** Ends the turn that goes on; `reports` tells of its end. Without a turn it does nothing. */
  interrupt(): void;
  /** Nothing more will be sent: the process ends by itself. */
  end(): void;
}

/** The two ends of an agent's process that are spoken to. */
export interface AgentStreams {
  stdin: Writable;
  stdout: Readable;
}

/** A kind of agent: how it is started, and how it is spoken with. Adding one is a file and a line in the table. */
export interface AgentAdapter {
  /** As requests name it. */
  readonly id: string;
  /** As people name it. */
  readonly name: string;
  /**
   * @throws OffloadError `no-agent` where its program is not there, `bad-request` or `not-supported` for options that it
   * cannot have
   */
  command(options: AgentOptions, places: AgentPlaces): AgentCommand;
  /** Begins the first turn with the prompt. */
  converse(streams: AgentStreams, options: AgentOptions, places: AgentPlaces): Conversation;
}
