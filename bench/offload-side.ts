import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localSandbox } from '../src/core/local/local-sandbox.ts';
import { runRequest } from '../src/core/program/program.ts';
import { follow } from '../src/core/run/follow.ts';
import type { Sandbox } from '../src/core/sandbox.ts';
import type { OutputEvent, RunEvent, TerminalEvent } from '../src/protocol/event.ts';
import { languageById } from '../src/protocol/languages.ts';
import type { RequestedLimits } from '../src/protocol/limits.ts';
import type { RunRequest } from '../src/protocol/request.ts';
import { CannotRun, type Bench } from './row.ts';
import { systemPython } from './python.ts';
import type { Timed } from './timed.ts';

const built = fileURLToPath(new URL('../dist/backend', import.meta.url));

/** Offload's core with a backend of its own, which ends with the row. */
export class OffloadSide {
  readonly sandbox: Sandbox;
  /** The id of the backend's process. */
  readonly server: number;

  private constructor(sandbox: Sandbox, server: number) {
    this.sandbox = sandbox;
    this.server = server;
  }

  /** @throws CannotRun where nothing is built or nothing isolates */
  static async start({ folder }: Bench): Promise<OffloadSide> {
    if (!existsSync(built)) throw new CannotRun('there is no dist/backend; npm run build makes it');
    // A copy: whoever builds meanwhile changes no measurement.
    const backendFolder = join(folder, 'backend');
    cpSync(built, backendFolder, { recursive: true });
    const folders = { runtime: join(folder, 'runtime'), state: join(folder, 'state') };
    const sandbox = localSandbox({ backendFolder, folders });
    const { pid, capabilities } = await sandbox.environment();
    const { available, detail, fix = '' } = capabilities.isolation;
    if (!available) throw new CannotRun(`${detail} ${fix}`.trim());
    if (pid === undefined) throw new Error('the backend does not say what process it is');
    return new OffloadSide(sandbox, pid);
  }

  /** Runs a Python program to its terminal event and times it. */
  async timed(code: string, limits: RequestedLimits = {}): Promise<Timed> {
    const started = performance.now();
    const timed: Timed = { ms: 0, firstMs: Number.NaN, bytes: 0 };
    let end: RunEvent | undefined;
    for await (const event of follow(this.sandbox, { request: pythonRequest(code, limits) })) {
      end = event;
      if (event.type !== 'output' || event.stream !== 'stdout') continue;
      if (timed.bytes === 0) timed.firstMs = performance.now() - started;
      timed.bytes += outputBytes(event);
    }
    timed.ms = performance.now() - started;
    requireCompleted(end);
    return timed;
  }
}

/** The request that the editor makes of a selection of Python. */
export const pythonRequest = (
  code: string,
  limits: RequestedLimits = {},
  args: string[] = [],
): RunRequest => {
  const language = languageById('python');
  if (language === undefined) throw new Error('Python is not among the languages');
  const program = { language, entry: 'main.py', code, args, limits, title: 'benchmark' };
  return runRequest({ ...program, interpreter: systemPython() });
};

/** How much of a program's output an event holds. */
export const outputBytes = ({ text, base64 = '' }: OutputEvent): number =>
  text === undefined ? Buffer.byteLength(base64, 'base64') : Buffer.byteLength(text);

/** @throws Error for a run that did not end as its program should have */
export function requireCompleted(end: RunEvent | undefined): asserts end is TerminalEvent {
  if (end?.type === 'completed' && end.exitCode === 0) return;
  throw new Error(`the run did not complete: ${JSON.stringify(end)}`);
}
