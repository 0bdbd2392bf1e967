import type { Language } from '../../../src/protocol/languages.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { WireError } from '../../../src/protocol/error.ts';
import { asOffloadError, type OffloadError } from '../../../src/protocol/error.ts';
import type { Interpreter } from '../executors/runtime.ts';
import { signalOfExitCode } from '../isolation/signals.ts';
import { requireLanguage } from '../executors/interpreters.ts';
import { limitWords } from '../runs/limits-within.ts';
import type { RunLife } from '../runs/run-life.ts';
import { runProgram } from '../runs/run-program.ts';
import type { RunServices } from '../runs/run-services.ts';
import { RedactedOutput } from '../redaction/redacted-output.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { Tools } from './tools.ts';

/** Where and how the programs of a task run. */
export interface ProgramPlace {
  workspace: string;
  home: string;
  /** The folder that both lie in, whose size counts. */
  folder: string;
  owner: number | undefined;
  limits: Limits;
  /** The folder of the task's gate; none where its network is closed. */
  gate: string | undefined;
  tools: Tools;
  redactor: Redactor;
  /** What its programs have of AWS, by AWS's names. */
  aws: Readonly<Record<string, string>>;
}

/** A program of a task: its name in events, and how it is started. */
export interface TaskProgram {
  name: string;
  language: Language;
  /** The interpreter's arguments after its flags. */
  args: readonly string[];
}

/** How it ended, in the words of events. */
export interface TaskProgramEnd {
  exitCode?: number;
  signal?: string;
  error?: WireError;
}

/**
 * Runs a program in a task's workspace, in a box of its own that has no way to the model; its output is the task's, under
 * its name. What ends the task (a cancellation, a disk that takes no more) ends it too; a limit ends it alone.
 */
export async function runTaskProgram(
  program: TaskProgram,
  place: ProgramPlace,
  life: RunLife,
  { isolation, interpreters, most }: RunServices,
): Promise<TaskProgramEnd> {
  const { name, language } = program;
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
  };
  let exceeded: OffloadError | undefined;
  life.signal.addEventListener('abort', stop, { once: true });
  try {
    life.signal.throwIfAborted();
    const interpreter = await interpreters.find(language, { interpreterFrom: 'path' });
    const box = await isolation.start({
      workspace: place.workspace,
      home: place.home,
      owner: place.owner,
      argv: [interpreter.path, ...language.flags, ...program.args],
      env: programEnvironment(isolation, place, interpreter),
      readOnly: [...new Set([...interpreter.readOnly, ...place.tools.readOnly])],
      stdin: undefined,
      gate: place.gate,
      limits: place.limits,
      memoryLimit: language.memoryLimit,
    });
    const output = new RedactedOutput(place.redactor, (event) =>
      life.appendFast({ ...event, program: name }),
    );
    const exitCode = await runProgram(
      box,
      {
        limits: place.limits,
        workspace: place.folder,
        signal: stopping.signal,
        onOutput: (event) => output.add(event),
        onExceeded: (error) => {
          exceeded ??= limitWords(error, place.limits, most);
          stop();
        },
      },
      () => undefined,
    );
    output.end();
    await life.drained();
    // What was ended from outside has no result of its own.
    life.signal.throwIfAborted();
    if (exceeded !== undefined) return { error: exceeded.toWire() };
    const signal = signalOfExitCode(exitCode);
    return { exitCode, ...(signal === undefined ? {} : { signal }) };
  } catch (error) {
    life.signal.throwIfAborted();
    return { error: asOffloadError(error).toWire() };
  } finally {
    life.signal.removeEventListener('abort', stop);
  }
}

function programEnvironment(
  isolation: RunServices['isolation'],
  { workspace, home, tools, aws }: ProgramPlace,
  interpreter: Interpreter,
): Record<string, string> {
  const env = isolation.environment({
    workspace,
    home,
    interpreter: interpreter.path,
    own: { ...aws, ...tools.env, ...interpreter.env },
  });
  return { ...env, PATH: [...tools.path, env['PATH']].join(':') };
}

/** A line of bash, as a program. */
export const commandProgram = (name: string, command: string): TaskProgram => ({
  name,
  language: requireLanguage('bash'),
  args: ['-c', command],
});
