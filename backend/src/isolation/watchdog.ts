import { OffloadError } from '../../../src/protocol/error.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { ProcessTree } from './box.ts';
import { proportionalMemory, sampleProcess } from './process-tree.ts';

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
    if (tree.outOfMemory?.() === true) return memoryExceeded(limits.memoryBytes);
    const pids = tree.pids();
    const samples = pids.map(sampleProcess).filter((sample) => sample !== undefined);
    const cpuMs = samples.reduce((sum, sample) => sum + sample.cpuMs, 0);
    this.cpuMs = Math.max(this.cpuMs ?? 0, cpuMs);
    if (cpuMs > limits.cpuSeconds * 1000) return cpuExceeded(limits.cpuSeconds);
    const files = tree.fileBytes?.() ?? 0;
    const most = samples.reduce((sum, sample) => sum + sample.residentBytes, files);
    // Resident memory counts a page once for each process that shares it; the fair count is dearer to take.
    const memory = most > limits.memoryBytes ? fairMemory(pids, files) : most;
    this.peakMemoryBytes = Math.max(this.peakMemoryBytes ?? 0, memory);
    return memory > limits.memoryBytes ? memoryExceeded(limits.memoryBytes) : undefined;
  }
}

function fairMemory(pids: number[], files: number): number {
  let own = 0;
  let mapped = 0;
  for (const pid of pids) {
    const fair = proportionalMemory(pid);
    // Where it may not be taken, and for a process that is just ending, what the process holds counts whole.
    own += fair?.ownBytes ?? sampleProcess(pid)?.residentBytes ?? 0;
    mapped += fair?.sharedFileBytes ?? 0;
  }
  // A file in memory that is mapped as well is the same memory.
  return own + Math.max(mapped, files);
}

/** What a run ends with that needs more memory than it may have. */
export const memoryExceeded = (bytes: number) =>
  new OffloadError(
    'memory-limit',
    `The program needed more than ${String(Math.round(bytes / 1024 ** 2))} MB of memory.`,
    {
      fix: 'Raise the memory limit, or let the program hold less at once.',
    },
  );

/** What a run ends with that takes more processor time than it may have. */
export const cpuExceeded = (seconds: number) =>
  new OffloadError('cpu-limit', `The program used more than ${String(seconds)} s of processor time.`, {
    fix: 'Raise the processor time limit.',
  });
