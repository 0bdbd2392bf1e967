import { OffloadError } from '../../../src/protocol/error.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { Box, BoxExit } from '../isolation/box.ts';
import { signalExitCode } from '../isolation/signals.ts';
import { cpuExceeded, memoryExceeded, Watchdog } from '../isolation/watchdog.ts';
import { SizeWatch } from '../workspace/size-watch.ts';

export interface WatchOptions {
  limits: Limits;
  /** The folder that the box writes to. */
  workspace: string;
  /** Ends every process of the box. */
  signal: AbortSignal;
  onExceeded: (error: OffloadError) => void;
}

/** Holds a box to its limits, and ends it on a signal. */
export class BoxWatch {
  readonly #started = performance.now();
  readonly #limits: Limits;
  readonly #watchdog: Watchdog;
  readonly #stop: () => void;

  constructor(box: Box, { limits, workspace, signal, onExceeded }: WatchOptions) {
    this.#limits = limits;
    const kill = (): void => {
      box.kill();
    };
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    const wall = setTimeout(() => {
      onExceeded(wallExceeded(limits.wallSeconds));
    }, limits.wallSeconds * 1000);
    this.#watchdog = new Watchdog(box.tree, limits, onExceeded);
    const sizeWatch = new SizeWatch(workspace, box.tree, limits.workspaceBytes, onExceeded);
    this.#stop = () => {
      clearTimeout(wall);
      this.#watchdog.stop();
      sizeWatch.stop();
      signal.removeEventListener('abort', kill);
    };
  }

  /** The limit that the kernel has enforced, where the end of a box means that. */
  limitEnd({ exitCode, outOfMemory = false }: BoxExit): OffloadError | undefined {
    if (outOfMemory) return memoryExceeded(this.#limits.memoryBytes);
    // A program may give this code by itself: then it has not spent that time.
    const spent = (this.#watchdog.cpuMs ?? 0) > this.#limits.cpuSeconds * 500;
    return exitCode === signalExitCode('SIGXCPU') && spent ? cpuExceeded(this.#limits.cpuSeconds) : undefined;
  }

  /** Stops watching, and says what the box took. */
  stop(): Omit<Usage, 'outputBytes'> {
    this.#stop();
    const { cpuMs, peakMemoryBytes } = this.#watchdog;
    return {
      wallMs: Math.round(performance.now() - this.#started),
      ...(cpuMs === undefined ? {} : { cpuMs }),
      ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    };
  }
}

const wallExceeded = (seconds: number) =>
  new OffloadError('timeout', `The program ran longer than ${String(seconds)} s and was ended.`, {
    fix: 'Raise the time limit.',
  });
