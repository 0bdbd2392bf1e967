import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentVariables, type FunctionIdentity, handlerOf } from './environment-variables.ts';
import type { FunctionLog } from './function-log.ts';
import type { ProcessEnd } from './platform-error.ts';
import { killTree } from './process-tree.ts';

const entry = fileURLToPath(new URL('./entry.sh', import.meta.url));

/** The runtime interface client in a process of its own, started as a container image's entry script starts it. */
export class RuntimeProcess {
  /** A test run that ends without disposing leaves nothing either. */
  static readonly #running = new Set<RuntimeProcess>();
  static {
    process.on('exit', () => {
      for (const each of RuntimeProcess.#running) each.#remove();
    });
  }

  /** How it ended. Resolves when it has, with all that ran below it killed and its temporary folder removed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  /** Stands for Lambda's /tmp. */
  readonly #temporary = mkdtempSync(path.join(tmpdir(), 'lambda-'));

  /** `runtime` is the folder of the client, `runtimeApi` the address that it asks for events. */
  constructor(identity: FunctionIdentity, runtime: string, runtimeApi: string, log: FunctionLog) {
    const client = path.join(runtime, 'index.mjs');
    const child = spawn('/bin/sh', [entry, process.execPath, client, handlerOf(identity.spec)], {
      cwd: path.dirname(identity.spec.bundle),
      env: environmentVariables(identity, runtimeApi, this.#temporary),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A session of its own, by which all that belongs to it is found at its end.
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => log.append(text));
    }
    RuntimeProcess.#running.add(this);
    this.ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', (error) => {
        log.append(`${error.message}\n`);
        resolve({ code: null, signal: null });
      });
      child.once('exit', (code, signal) => resolve({ code, signal }));
    }).then((end) => {
      this.#remove();
      RuntimeProcess.#running.delete(this);
      return end;
    });
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  #remove(): void {
    this.kill();
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  /** Kills it and all that runs below it. */
  kill(): void {
    if (this.#child.pid !== undefined) killTree(this.#child.pid);
  }
}
