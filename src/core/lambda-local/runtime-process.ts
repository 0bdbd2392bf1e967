import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnd } from './platform-error.ts';
import { killTree } from '../kill-tree.ts';

/** What a runtime is started with. */
export interface RuntimeCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it takes all that it has started along when it is asked to end. */
  readonly endsWhenAsked?: boolean;
  /**
   * Where there will be the id of the process that is the runtime, where the one that is started only stands for it (a
   * container's). That one ends when the runtime has.
   */
  readonly pidFile?: string;
}

/** Says how to start a runtime: `runtimeApi` is where it asks for events, `temporary` its own folder, gone at its end. */
export type StartRuntime = (places: { runtimeApi: string; temporary: string }) => RuntimeCommand;

/** Milliseconds between two looks whether a runtime that is to be killed has begun. */
const LOOK = 20;

/** A runtime, which loads a function and asks for its events, in a process of its own. */
export class RuntimeProcess {
  /** Our own end, without disposing, leaves nothing either. */
  static readonly #running = new Set<RuntimeProcess>();
  static {
    process.on('exit', () => {
      for (const each of RuntimeProcess.#running) each.#remove();
    });
  }

  /** How it ended. Resolves when it has, with all that ran below it killed and its temporary folder removed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #endsWhenAsked: boolean;
  readonly #pidFile: string | undefined;
  /** Stands for Lambda's /tmp. */
  readonly #temporary = mkdtempSync(join(tmpdir(), 'lambda-'));

  constructor(start: StartRuntime, runtimeApi: string, log: (text: string) => void) {
    // Users of boxes pass through, and see nothing on their way.
    chmodSync(this.#temporary, 0o711);
    const command = start({ runtimeApi, temporary: this.#temporary });
    const { argv, cwd, env, endsWhenAsked = false, pidFile } = command;
    const [program = '', ...args] = argv;
    // A session of its own, by which all that belongs to it is found at its end.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    this.#endsWhenAsked = endsWhenAsked;
    this.#pidFile = pidFile;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', log);
    }
    RuntimeProcess.#running.add(this);
    this.ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', (error) => {
        log(`${error.message}\n`);
        resolve({ code: null, signal: null });
      });
      child.once('exit', (code, signal) => resolve({ code, signal }));
    }).then((end) => {
      this.#remove();
      RuntimeProcess.#running.delete(this);
      return end;
    });
  }

  /** Undefined when it could not be started, or is not yet. */
  get pid(): number | undefined {
    return this.#pidFile === undefined ? this.#child.pid : readPid(this.#pidFile);
  }

  #remove(): void {
    // Once what stands for it has ended, its id may be another's.
    if (this.#pidFile === undefined || this.#runs) this.kill();
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  /** Asks it to end, where it listens. Gives whether it does. */
  askToEnd(): boolean {
    return this.#endsWhenAsked && this.#child.kill('SIGTERM');
  }

  /** Kills it and all that runs below it; as soon as it has begun, where it has not. */
  kill(): void {
    const { pid } = this;
    if (pid !== undefined) killTree(pid);
    else if (this.#runs) setTimeout(() => this.kill(), LOOK).unref();
  }

  get #runs(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }
}

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'latin1'), 10) || undefined;
  } catch {
    return undefined;
  }
}
