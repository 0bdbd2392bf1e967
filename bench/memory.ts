import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process while something happened, in bytes. */
export interface Memory {
  before: number;
  /** The most that it had at any moment, by the kernel's own account. */
  peak: number;
  after: number;
}

/**
 * Does something and gives what it took of the memory of a server and of this process: the kernel's high-water marks,
 * which are reset first (proc_pid_clear_refs(5)). Garbage of this process from before is collected first, where it may
 * (`--expose-gc`).
 */
export async function memoryDuring(server: number, happen: () => Promise<void>): Promise<[Memory, Memory]> {
  globalThis.gc?.();
  const [ofServer, ofConsumer] = [watch(server), watch(process.pid)];
  await happen();
  return [ofServer(), ofConsumer()];
}

function watch(pid: number): () => Memory {
  writeFileSync(`/proc/${String(pid)}/clear_refs`, '5');
  const before = statusBytes(pid, 'VmRSS');
  return () => ({ before, peak: statusBytes(pid, 'VmHWM'), after: statusBytes(pid, 'VmRSS') });
}

function statusBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${String(pid)}/status has no ${field}`);
  return Number(kib) * 1024;
}
