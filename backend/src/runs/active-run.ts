import { openSync } from 'node:fs';
import { join } from 'node:path';
import { contentBytes } from '../../../src/protocol/content.ts';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import { effectiveLimits, type Limits } from '../../../src/protocol/limits.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import { requireLanguage, type Interpreters } from '../executors/interpreters.ts';
import { anonymousFile } from '../isolation/anonymous-file.ts';
import type { Box, Isolation } from '../isolation/box.ts';
import { closeQuietly } from '../isolation/pipes.ts';
import { signalExitCode, signalOfExitCode } from '../isolation/signals.ts';
import { cpuExceeded, Watchdog } from '../isolation/watchdog.ts';
import type { Journal } from '../journal/journal.ts';
import { blobEvents } from '../workspace/blob-parts.ts';
import { collectChanges } from '../workspace/collect.ts';
import { prepareWorkspace, type PreparedWorkspace } from '../workspace/prepare.ts';
import { removeFolder } from '../workspace/remove.ts';
import { SizeWatch } from '../workspace/size-watch.ts';
import { checkSizes } from './check-sizes.ts';
import { OutputPump } from './output-pump.ts';
import type { Slots } from './slots.ts';

/** What runs share. */
export interface RunServices {
  isolation: Isolation;
  interpreters: Interpreters;
  slots: Slots;
  /** A folder that only this user can enter. */
  runtime: string;
  /** Whether the contents of changes travel inside the stream, for targets that keep none. */
  inlineBlobs: boolean;
  /** Seconds that a run may take here, whatever it asks for. */
  maxWallSeconds?: number;
}

export interface RunPlaces {
  /** The box's own folder, removed at the end. */
  box: string;
  /** Where the contents of changes stay. */
  blobs: string;
}

/** Why a run is ended before its program ends by itself. */
type Ending = 'cancelled' | OffloadError;

/** A run from its submission to its terminal event, which it always gets. */
export class ActiveRun {
  readonly request: RunRequest;
  readonly journal: Journal;
  /** Resolves when the run has ended and left nothing but its journal and blobs. */
  readonly settled: Promise<void>;
  readonly #services: RunServices;
  readonly #places: RunPlaces;
  readonly #limits: Limits;
  readonly #stopping = new AbortController();
  #ending: Ending | undefined;
  #usage: Usage = { wallMs: 0, outputBytes: 0 };

  constructor(request: RunRequest, journal: Journal, places: RunPlaces, services: RunServices) {
    this.request = request;
    this.journal = journal;
    this.#places = places;
    this.#services = services;
    this.#limits = limitsWithin(request, services.maxWallSeconds);
    this.settled = this.#live();
  }

  /** Ends the run. Its terminal event follows when no process is left. */
  cancel(): void {
    this.#end('cancelled');
  }

  /** Ends the run because of something outside it. */
  fail(error: OffloadError): void {
    this.#end(error);
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#stopping.abort();
  }

  async #live(): Promise<void> {
    const { slots } = this.#services;
    try {
      this.journal.append({ type: 'phase', phase: 'queued', runId: this.request.runId });
      await slots.take(this.#stopping.signal);
      try {
        this.journal.append(await this.#execute());
      } finally {
        slots.release();
      }
    } catch (error) {
      const end = this.#terminal(this.#ending ?? asOffloadError(error));
      if (!this.#appended(end)) {
        // The disk may be full of what the program wrote.
        await removeFolder(this.#places.box);
        // A journal that takes no more is given up: whoever follows sees it cut.
        if (!this.#appended(end)) this.journal.abandon();
      }
    } finally {
      await removeFolder(this.#places.box);
    }
  }

  /** Whether the journal took an event. */
  #appended(event: EventBody): boolean {
    try {
      this.journal.append(event);
      return true;
    } catch {
      return false;
    }
  }

  async #execute(): Promise<EventBody> {
    const { isolation, interpreters } = this.#services;
    this.journal.append({ type: 'phase', phase: 'starting' });
    checkSizes(this.request);
    const language = requireLanguage(this.request.language);
    const interpreter = await interpreters.find(language, this.request);
    if (interpreter.because !== undefined) {
      const message = `Runs on ${interpreter.version}: ${interpreter.because}.`;
      this.journal.append({ type: 'notice', code: 'other-interpreter', message });
    }
    const workspace = join(this.#places.box, 'workspace');
    const owner = isolation.owner();
    const prepared = prepareWorkspace(workspace, this.request, owner);
    this.#stopping.signal.throwIfAborted();
    const stdin = this.#stdin();
    let box: Box;
    try {
      box = await isolation.start({
        workspace,
        owner,
        argv: [
          interpreter.path,
          ...language.flags,
          isolation.workspacePath({ workspace }, this.request.entry),
          ...this.request.args,
        ],
        env: isolation.environment({
          workspace,
          interpreter: interpreter.path,
          own: { ...interpreter.env, ...this.request.env },
        }),
        readOnly: interpreter.readOnly,
        stdin,
        limits: this.#limits,
        memoryLimit: language.memoryLimit,
      });
    } finally {
      closeQuietly(stdin);
    }
    const exitCode = await this.#supervise(box, workspace);
    await this.#collect(workspace, prepared).catch((error: unknown) => {
      this.#ending ??= asOffloadError(error);
    });
    if (this.#ending !== undefined) return this.#terminal(this.#ending);
    const signal = signalOfExitCode(exitCode);
    return { type: 'completed', exitCode, ...(signal === undefined ? {} : { signal }), usage: this.#usage };
  }

  /** Watches over a box until no process of it is left; gives its exit code. */
  async #supervise(box: Box, workspace: string): Promise<number> {
    const started = performance.now();
    const limits = this.#limits;
    this.journal.append({ type: 'phase', phase: 'running' });
    const onExceeded = (error: OffloadError): void => {
      this.#end(error);
    };
    const stop = (): void => {
      box.kill();
    };
    const signal = this.#stopping.signal;
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const wall = setTimeout(() => {
      onExceeded(wallExceeded(limits.wallSeconds));
    }, limits.wallSeconds * 1000);
    const watchdog = new Watchdog(box.tree, limits, onExceeded);
    const sizeWatch = new SizeWatch(workspace, box.tree, limits.workspaceBytes, onExceeded);
    const pump = new OutputPump(
      box,
      limits.outputBytes,
      (event) => this.#appendOutput(event),
      () => {
        onExceeded(outputExceeded(limits.outputBytes));
      },
    );
    try {
      const { exitCode } = await box.exited;
      await pump.close();
      await this.journal.drained().catch((cause: unknown) => {
        this.#end(unrecorded(cause));
      });
      // A program may give this code by itself: then it has not spent that time.
      const spent = (watchdog.cpuMs ?? 0) > limits.cpuSeconds * 500;
      if (exitCode === signalExitCode('SIGXCPU') && spent) this.#ending ??= cpuExceeded(limits.cpuSeconds);
      return exitCode;
    } finally {
      clearTimeout(wall);
      watchdog.stop();
      sizeWatch.stop();
      signal.removeEventListener('abort', stop);
      this.#usage = {
        wallMs: Math.round(performance.now() - started),
        ...(watchdog.cpuMs === undefined ? {} : { cpuMs: watchdog.cpuMs }),
        ...(watchdog.peakMemoryBytes === undefined ? {} : { peakMemoryBytes: watchdog.peakMemoryBytes }),
        outputBytes: pump.bytes,
      };
    }
  }

  /** What the program left is kept however the run ended. */
  async #collect(workspace: string, prepared: PreparedWorkspace): Promise<void> {
    this.journal.append({ type: 'phase', phase: 'collecting' });
    const { blobs } = this.#places;
    for await (const event of collectChanges(workspace, blobs, prepared, this.#limits.workspaceBytes)) {
      if (this.#services.inlineBlobs && event.type === 'change' && event.hash !== undefined) {
        for await (const part of blobEvents(blobs, event.hash)) this.journal.append(part);
      }
      this.journal.append(event);
    }
  }

  /** A journal that cannot be written ends the run. */
  #appendOutput(event: EventBody): Promise<void> | undefined {
    try {
      return this.journal.appendFast(event);
    } catch (cause) {
      this.#end(unrecorded(cause));
      return undefined;
    }
  }

  #stdin(): number {
    const { stdin } = this.request;
    return stdin === undefined
      ? openSync('/dev/null', 'r')
      : anonymousFile(this.#services.runtime, contentBytes(stdin));
  }

  #terminal(ending: Ending): EventBody {
    if (ending === 'cancelled') return { type: 'cancelled', usage: this.#usage };
    return { type: 'failed', error: ending.toWire(), usage: this.#usage };
  }
}

function limitsWithin(request: RunRequest, maxWallSeconds = Number.POSITIVE_INFINITY): Limits {
  const limits = effectiveLimits(request.limits);
  return { ...limits, wallSeconds: Math.min(limits.wallSeconds, maxWallSeconds) };
}

const unrecorded = (cause: unknown) =>
  new OffloadError('internal', 'The run could not be recorded: the disk takes no more.', { cause });

const wallExceeded = (seconds: number) =>
  new OffloadError('timeout', `The program ran longer than ${String(seconds)} s and was ended.`, {
    fix: 'Raise the time limit.',
  });

const outputExceeded = (bytes: number) =>
  new OffloadError(
    'output-limit',
    `The program wrote more than ${sizeName(bytes)} of output and was ended.`,
    {
      fix: 'Raise the output limit, or write to a file.',
    },
  );

const sizeName = (bytes: number): string =>
  bytes < 1024 ** 2
    ? `${String(Math.round(bytes / 1024))} kB`
    : `${String(Math.round(bytes / 1024 ** 2))} MB`;
