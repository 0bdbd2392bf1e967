import { join } from 'node:path';
import { contentBytes } from '../../../src/protocol/content.ts';
import { asOffloadError, type OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import { effectiveLimits, type Limits } from '../../../src/protocol/limits.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { requireLanguage } from '../executors/interpreters.ts';
import { anonymousFile } from '../isolation/anonymous-file.ts';
import type { Box } from '../isolation/box.ts';
import { closeQuietly } from '../isolation/pipes.ts';
import { signalOfExitCode } from '../isolation/signals.ts';
import type { Journal } from '../journal/journal.ts';
import { RedactedOutput } from '../redaction/redacted-output.ts';
import { Redactor } from '../redaction/redactor.ts';
import type { RunGate } from '../network/gates.ts';
import { limitsBesideBridge } from '../network/through-gate.ts';
import { prepareWorkspace } from '../workspace/prepare.ts';
import { removeFolder } from '../workspace/remove.ts';
import { awsEnvironment, awsSecrets } from './aws-credentials.ts';
import { checkSizes } from './check-sizes.ts';
import { keepChanges } from './keep-changes.ts';
import { limitsWithin, limitWords } from './limits-within.ts';
import { openGate } from './open-gate.ts';
import { RunLife } from './run-life.ts';
import { runProgram } from './run-program.ts';
import type { RunServices } from './run-services.ts';

export interface RunPlaces {
  /** The box's own folder, removed at the end. */
  box: string;
  /** Where the contents of changes stay. */
  blobs: string;
}

/** A run of code. */
export class ActiveRun {
  readonly journal: Journal;
  /** Resolves when the run has ended and left nothing but its journal and blobs. */
  readonly settled: Promise<void>;
  readonly #request: RunRequest;
  readonly #services: RunServices;
  readonly #places: RunPlaces;
  readonly #limits: Limits;
  readonly #life: RunLife;

  constructor(request: RunRequest, journal: Journal, places: RunPlaces, services: RunServices) {
    this.journal = journal;
    this.#request = request;
    this.#places = places;
    this.#services = services;
    this.#limits = limitsWithin(request.limits, services.most);
    this.#life = new RunLife(request.runId, journal, services.queuedAt);
    this.settled = this.#life.live(services.slots, {
      carryOut: () => this.#carryOut(),
      cleanUp: () => removeFolder(places.box),
    });
  }

  /** Ends the run. Its terminal event follows when no process is left. */
  cancel(): void {
    this.#life.end('cancelled');
  }

  /** Ends the run because of something outside it. */
  fail(error: OffloadError): void {
    this.#life.end(error);
  }

  /** Tells its user something that ends nothing. */
  tell(event: EventBody): void {
    this.#life.tell(event);
  }

  async #carryOut(): Promise<EventBody> {
    const gate = await openGate(this.#services, this.#request, this.#life);
    try {
      return await this.#execute(gate);
    } finally {
      await gate?.close();
    }
  }

  async #execute(gate: RunGate | undefined): Promise<EventBody> {
    const { isolation, interpreters } = this.#services;
    const limits = gate === undefined ? this.#limits : limitsBesideBridge(this.#limits);
    this.journal.append({ type: 'phase', phase: 'starting' });
    checkSizes(this.#request);
    const language = requireLanguage(this.#request.language);
    const interpreter = await interpreters.find(language, this.#request);
    if (interpreter.because !== undefined) {
      const message = `Runs on ${interpreter.version}: ${interpreter.because}.`;
      this.journal.append({ type: 'notice', code: 'other-interpreter', message });
    }
    const workspace = join(this.#places.box, 'workspace');
    this.#life.signal.throwIfAborted();
    const owner = isolation.owner();
    const prepared = prepareWorkspace(workspace, this.#request, owner);
    const stdin = this.#stdin();
    let box: Box;
    try {
      box = await isolation.start({
        workspace,
        owner,
        argv: [
          interpreter.path,
          ...language.flags,
          isolation.workspacePath({ workspace }, this.#request.entry),
          ...this.#request.args,
        ],
        env: isolation.environment({
          workspace,
          interpreter: interpreter.path,
          own: { ...interpreter.env, ...awsEnvironment(this.#request.credentials), ...this.#request.env },
        }),
        readOnly: interpreter.readOnly,
        stdin,
        gate: gate?.folder,
        limits,
        memoryLimit: language.memoryLimit,
      });
    } finally {
      if (stdin !== undefined) closeQuietly(stdin);
    }
    this.#tellOfTime();
    const exitCode = await this.#supervise(box, workspace, limits);
    // What the program left is kept however the run ended.
    const left = { workspace, prepared, blobs: this.#places.blobs, maxBytes: this.#limits.workspaceBytes };
    await keepChanges(left, this.journal, this.#services).catch((error: unknown) => {
      this.#life.fail(asOffloadError(error));
    });
    const { ending } = this.#life;
    if (ending !== undefined) return this.#life.terminal(ending);
    const signal = signalOfExitCode(exitCode);
    return {
      type: 'completed',
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      usage: this.#life.usage,
    };
  }

  /** A run that asks for no time of its own has the usual one, or the longest that there is. */
  #tellOfTime(): void {
    const { wallSeconds } = this.#limits;
    if (effectiveLimits(this.#request.limits).wallSeconds <= wallSeconds) return;
    const message = `This run has ${String(wallSeconds)} s: its function has no more time.`;
    this.journal.append({ type: 'notice', code: 'function-time', message });
  }

  /** Watches over a box until no process of it is left; gives its exit code. */
  async #supervise(box: Box, workspace: string, limits: Limits): Promise<number> {
    const life = this.#life;
    this.journal.append({ type: 'phase', phase: 'running' });
    const { credentials } = this.#request;
    const append = (event: EventBody) => life.appendFast(event);
    const output = credentials && new RedactedOutput(new Redactor(awsSecrets(credentials)), append);
    const exitCode = await runProgram(
      box,
      {
        limits,
        workspace,
        signal: life.signal,
        onOutput: (event) => (output === undefined ? append(event) : output.add(event)),
        onExceeded: (error) => {
          life.end(limitWords(error, limits, this.#services.most));
        },
      },
      (usage) => {
        life.usage = usage;
      },
    );
    output?.end();
    await life.drained();
    return exitCode;
  }

  #stdin(): number | undefined {
    const { stdin } = this.#request;
    return stdin === undefined ? undefined : anonymousFile(this.#services.runtime, contentBytes(stdin));
  }
}
