import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import type { LimitName } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import type { Box, BoxExit, BoxSpec, Isolation } from './box.ts';
import { endProcesses } from './end-processes.ts';
import { findProgram } from './find-program.ts';
import { byPrlimit } from './limit-arguments.ts';
import { MARK, markedProcesses } from './marked-processes.ts';
import { otherProcesses } from './other-processes.ts';
import { closeQuietly, type Pipes } from './pipes.ts';
import { signalExitCode } from './signals.ts';

/** Limits that hold without the kernel's help. */
const WATCHED: LimitName[] = ['wallSeconds', 'cpuSeconds', 'memoryBytes', 'workspaceBytes', 'outputBytes'];
/** Limits that prlimit(1) sets. The number of processes is not among them: it counts all of the user's. */
const SET: LimitName[] = ['openFiles', 'fileBytes'];

/**
 * A bare process, for places that are a sandbox themselves: a Lambda environment holds one run at a time, has nothing of
 * anyone else's, and allows no namespaces. It keeps nothing from the program that the place does not keep.
 */
export class BareProcess implements Isolation {
  readonly kind = 'process';
  readonly network = ['open'] as const;
  readonly #pipes: Pipes;
  readonly #prlimit = findProgram('prlimit');
  readonly #alone: boolean;
  #spoilt = false;

  /**
   * @param options `alone`: whether nothing else here is of this user: then all of it is of the run, and ends with it, also
   * what hides from whoever looks for the run's own
   */
  constructor(pipes: Pipes, { alone = false } = {}) {
    this.#pipes = pipes;
    this.#alone = alone;
  }

  /** Whether something of a run is left that could not be ended: the next one would not be by itself. */
  get spoilt(): boolean {
    return this.#spoilt;
  }

  get limits(): readonly LimitName[] {
    return this.#prlimit === undefined ? WATCHED : [...WATCHED, ...SET];
  }

  probe(): Promise<IsolationReport> {
    return Promise.resolve({
      kind: this.kind,
      available: true,
      detail: 'a process of its own in an environment that is made for it',
    });
  }

  owner(): undefined {
    return undefined;
  }

  environment(spec: {
    workspace: string;
    home?: string | undefined;
    own: Record<string, string>;
  }): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: spec.home ?? join(spec.workspace, '..'),
      LANG: 'C.UTF-8',
      ...spec.own,
    };
  }

  places<T>(spec: T): T {
    return spec;
  }

  workspacePath(spec: { workspace: string }, path: string): string {
    return join(spec.workspace, path);
  }

  async start(spec: BoxSpec): Promise<Box> {
    const mark = randomBytes(16).toString('hex');
    const pids = (): number[] => (this.#alone ? otherProcesses() : markedProcesses(mark));
    let ending: Promise<void> | undefined;
    // Until none is left, and no more then: what begins to be ended late would be the next one's.
    const end = (): Promise<void> =>
      (ending ??= endProcesses(pids).catch((error: unknown) => {
        ending = undefined;
        throw error;
      }));
    const [out, err] = await Promise.all([this.#pipes.take(), this.#pipes.take()]);
    const [program, ...args] = [...this.#limitArguments(spec), ...spec.argv];
    try {
      const child = spawn(program ?? '', args, {
        cwd: spec.workspace,
        env: { ...spec.env, [MARK]: mark },
        stdio: [spec.stdin ?? 'ignore', out.writeFd, err.writeFd],
        detached: true,
      });
      const exited = new Promise<BoxExit>((resolve, reject) => {
        child.once('error', (cause) => {
          reject(new OffloadError('sandbox-failed', 'The program could not be started.', { cause }));
        });
        child.once('exit', (code, signal) => {
          // What was begun before may have given up what has ended by now.
          const begun = ending?.catch(() => undefined);
          Promise.resolve(begun)
            .then(end)
            .then(
              () => {
                resolve({ exitCode: code ?? signalExitCode(signal) });
              },
              (error: unknown) => {
                this.#spoilt = true;
                reject(asOffloadError(error));
              },
            );
        });
      });
      exited.catch(() => undefined);
      if (child.pid !== undefined) offerFirst(child.pid);
      return {
        stdin: child.stdin ?? undefined,
        stdout: out.reader,
        stderr: err.reader,
        tree: { pids },
        kill: () => void end().catch(() => undefined),
        exited,
      };
    } finally {
      closeQuietly(out.writeFd);
      closeQuietly(err.writeFd);
    }
  }

  #limitArguments(spec: BoxSpec): string[] {
    return this.#prlimit === undefined ? [] : byPrlimit(spec, { program: this.#prlimit, processes: false });
  }
}

/**
 * Has the kernel end a program and what it starts before anything else where no memory is left: this process has to tell of
 * it. See proc_pid_oom_score_adj(5).
 */
function offerFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${String(pid)}/oom_score_adj`, '1000');
  } catch {
    // It has ended already, or this system has no such thing.
  }
}
