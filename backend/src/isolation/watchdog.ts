import { OffloadError } from '../../../src/protocol/error.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { ProcessTree } from './box.ts';
import { proportionalBytes, sampleProcess } from './process-tree.ts';

/** Milliseconds between two looks, when a look costs little. */
const INTERVAL = 25;
/** A look may take one part in this many of the time. */
const COST_SHARE = 10;

/**
 * Holds a process tree to the limits that the kernel keeps for single processes only: the memory and the processor time
 * of all of them together.
 */
export class Watchdog {
  #timer: NodeJS.Timeout | undefined;
  peakMemoryBytes: number | undefined;
  cpuMs: number | undefined;

  constructor(tree: ProcessTree, limits: Limits, onExceeded: (error: OffloadError) => void) {
    const look = (): void => {
      const started = performance.now();
      const error = this.#look(tree, limits);
      if (error !== undefined) {
        onExceeded(error);
        return;
      }
      const cost = performance.now() - started;
      this.#timer = setTimeout(look, Math.max(INTERVAL, cost * COST_SHARE));
    };
    this.#timer = setTimeout(look, INTERVAL);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(tree: ProcessTree, limits: Limits): OffloadError | undefined {
    const pids = tree.pids();
    const samples = pids.map(sampleProcess).filter((sample) => sample !== undefined);
    const cpuMs = samples.reduce((sum, sample) => sum + sample.cpuMs, 0);
    this.cpuMs = Math.max(this.cpuMs ?? 0, cpuMs);
    if (cpuMs > limits.cpuSeconds * 1000) return cpuExceeded(limits.cpuSeconds);
    const resident = samples.reduce((sum, sample) => sum + sample.residentBytes, 0);
    // Resident memory counts a page once for each process that shares it; the fair count is dearer to take.
    const memory = resident > limits.memoryBytes ? fairMemory(pids, resident) : resident;
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes ?? 0, memory);
    return memory > limits.memoryBytes ? memoryExceeded(limits.memoryBytes) : undefined;
  }
}

function fairMemory(pids: number[], resident: number): number {
  let sum = 0;
  for (const pid of pids) {
    const bytes = proportionalBytes(pid);
    if (bytes === undefined && sampleProcess(pid) !== undefined) return resident;
    sum += bytes ?? 0;
  }
  return sum;
}

const memoryExceeded = (bytes: number) =>
  new OffloadError(
    'memory-limit',
    `The program needed more than ${String(Math.round(bytes / 1024 ** 2))} MB of memory.`,
    {
      fix: 'Raise the memory limit, or let the program hold less at once.',
    },
  );

export const cpuExceeded = (seconds: number) =>
  new OffloadError('cpu-limit', `The program used more than ${String(seconds)} s of processor time.`, {
    fix: 'Raise the processor time limit.',
  });
