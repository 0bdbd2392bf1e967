import type { LimitName, Limits } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import type { OutputPipe } from './pipes.ts';

/** What a box is made for. */
export interface BoxSpec {
  /** The workspace's folder on the host. */
  workspace: string;
  /** The user that the program runs as on the host, where it is not the backend's own; see {@link Isolation.owner}. */
  owner?: number | undefined;
  /** The program and its arguments. Paths are those of the host for bound ones, {@link Isolation.workspacePath} else. */
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Host paths that the program needs, bound read-only at the same place. */
  readOnly: readonly string[];
  /** A file descriptor to read from; closed by whoever made it once the box runs. */
  stdin: number;
  limits: Limits;
  memoryLimit: 'as' | 'data';
}

/** How the first process of a box ended. A signal shows as 128 plus its number, as in a shell. */
export interface BoxExit {
  exitCode: number;
}

/** A box that runs. */
export interface Box {
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
}

/** A way to keep a program away from the machine it runs on. */
export interface Isolation {
  readonly kind: string;
  readonly limits: readonly LimitName[];
  readonly network: readonly RunRequest['network'][];
  /** Tries the real thing. */
  probe(): Promise<IsolationReport>;
  /** The user id that owns a run's files, where it is not the backend's own. */
  owner(): number | undefined;
  /** The environment of a program: `own` is what its interpreter needs and what the request asks for. */
  environment(spec: {
    workspace: string;
    interpreter: string;
    own: Record<string, string>;
  }): Record<string, string>;
  /** Where a path of the workspace is, as the program sees it. */
  workspacePath(spec: { workspace: string }, path: string): string;
  /** @throws OffloadError `sandbox-failed` when no box can be made. */
  start(spec: BoxSpec): Promise<Box>;
}
