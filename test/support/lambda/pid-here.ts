import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * The process id on this machine of a process which has that id in an environment, of a function's. In a container they
 * are not the same. Throws where there is none.
 */
export function pidHere(environments: readonly number[], inside: number): number {
  const spaces = new Set(environments.map((pid) => readlinkSync(`/proc/${String(pid)}/ns/pid`)));
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (!spaces.has(readlinkSync(`/proc/${entry}/ns/pid`))) continue;
      const status = readFileSync(`/proc/${entry}/status`, 'latin1');
      if (/^NSpid:.*\s(\d+)$/m.exec(status)?.[1] === String(inside)) return Number(entry);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no environment has a process ${String(inside)}`);
}
