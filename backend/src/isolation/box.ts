import type { Writable } from 'node:stream';
import type { LimitName, Limits } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import type { OutputPipe } from './pipes.ts';

/** What a box is made for. */
export interface BoxSpec {
  /** The workspace's folder on the host. */
  workspace: string;
  /** A folder that is the program's home and stays; without one it has a fresh home that goes with the box. */
  home?: string | undefined;
  /** A folder that holds a relay's socket: the box's only way out. */
  model?: string | undefined;
  /** A folder that holds a gate's socket: the box's way to the network, to which the environment leads programs. */
  gate?: string | undefined;
  /** The user that the program runs as on the host, where it is not the backend's own; see {@link Isolation.owner}. */
  owner?: number | undefined;
  /** The program and its arguments. Paths are those of the host for bound ones, {@link Isolation.workspacePath} else. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Host paths that the program needs, bound read-only at the same place. */
  readOnly: readonly string[];
  /**
   * A file descriptor to read from, closed by whoever made it once the box runs; or a pipe, which {@link Box.stdin} writes
   * to; without either the input is empty.
   */
  stdin: number | 'pipe' | undefined;
  limits: Limits;
  memoryLimit: 'as' | 'data';
}

/** How the first process of a box ended. A signal shows as 128 plus its number, as in a shell. */
export interface BoxExit {
  exitCode: number;
  /** Whether the kernel ended it since the box had no memory left. */
  outOfMemory?: boolean;
}

/** A box that runs. */
export interface Box {
  /** Where the spec asks for a pipe. */
  readonly stdin?: Writable | undefined;
  readonly stdout: OutputPipe;
  readonly stderr: OutputPipe;
  /** The processes of the box, seen from the host. */
  readonly tree: ProcessTree;
  /** Ends every process of the box, at once. */
  kill(): void;
  /** Resolves when no process of the box is left. */
  readonly exited: Promise<BoxExit>;
}

export interface ProcessTree {
  /** Ids of the living processes of the box. */
  pids(): number[];
  /** Bytes of memory that the files of the box's temporary folders take, of which its processes say nothing. */
  fileBytes?(): number;
  /** Whether the kernel has ended a process since the box had no memory left, where it bounds that. */
  outOfMemory?(): boolean;
}

/** A way to keep a program away from the machine it runs on. */
export interface Isolation {
  readonly kind: string;
  readonly limits: readonly LimitName[];
  /** What a box has by itself, without a gate. */
  readonly network: readonly ('closed' | 'open')[];
  /** Tries the real thing. */
  probe(): Promise<IsolationReport>;
  /** The user id that owns the files of a run that is about to start, where it is not the backend's own. */
  owner(): number | undefined;
  /** The environment of a program: `own` is what its interpreter needs and what the request asks for. */
  environment(spec: {
    workspace: string;
    home?: string | undefined;
    interpreter: string;
    own: Record<string, string>;
  }): Record<string, string>;
  /** Where its folders are, as the program sees them. */
  places(spec: { workspace: string; home: string; model: string }): {
    workspace: string;
    home: string;
    model: string;
  };
  /** Where a path of the workspace is, as the program sees it. */
  workspacePath(spec: { workspace: string }, path: string): string;
  /** @throws OffloadError `sandbox-failed` when no box can be made. */
  start(spec: BoxSpec): Promise<Box>;
}
