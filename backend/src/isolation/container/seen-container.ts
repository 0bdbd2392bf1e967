import { readdirSync, readFileSync } from 'node:fs';
import { treeOf } from '../process-tree.ts';

/** A container's processes and its control group, as the host's kernel shows them; nothing where it runs elsewhere. */
export class SeenContainer {
  readonly #id: string;
  #init: number | undefined;
  #counter: (() => string) | undefined;

  /** @param id its whole id */
  constructor(id: string) {
    this.#id = id;
  }

  /** The host's id of the container's first process, once it is there. */
  get init(): number | undefined {
    if (this.#init !== undefined || process.platform !== 'linux') return this.#init;
    this.#init = numbersIn('/proc').find((pid) => isFirst(pid) && belongs(pid, this.#id));
    if (this.#init !== undefined) this.#counter = oomCounter(this.#init);
    return this.#init;
  }

  pids(): number[] {
    const { init } = this;
    return init === undefined ? [] : treeOf(init);
  }

  /** Whether the kernel has ended one of its processes since the control group had no memory left. */
  outOfMemory(): boolean {
    if (this.init === undefined) return false;
    return Number(/^oom_kill (\d+)$/m.exec(read(() => this.#counter?.()))?.[1] ?? 0) > 0;
  }
}

const numbersIn = (folder: string): number[] => readdirSync(folder).map(Number).filter(Number.isInteger);

/** Whether a process is the first of a process namespace below ours; see proc_pid_status(5). */
function isFirst(pid: number): boolean {
  const status = read(() => readFileSync(`/proc/${String(pid)}/status`, 'latin1'));
  const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  return ids.length > 1 && ids.at(-1) === '1';
}

/** Whether a process is of a container: by its control group, or as a child of what the engine starts for each. */
function belongs(pid: number, id: string): boolean {
  if (read(() => readFileSync(`/proc/${String(pid)}/cgroup`, 'latin1')).includes(id)) return true;
  const status = read(() => readFileSync(`/proc/${String(pid)}/status`, 'latin1'));
  const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  return (
    parent !== undefined &&
    read(() => readFileSync(`/proc/${parent}/cmdline`, 'latin1')).split('\0').includes(id)
  );
}

/** Reads the counter of a process's control group; see cgroups(7): version 2, or version 1's memory. */
function oomCounter(pid: number): (() => string) | undefined {
  const groups = read(() => readFileSync(`/proc/${String(pid)}/cgroup`, 'latin1'));
  const second = /^0::(.*)$/m.exec(groups)?.[1];
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const files = [
    ...(first === undefined ? [] : [`/sys/fs/cgroup/memory${first}/memory.oom_control`]),
    ...(second === undefined ? [] : [`/sys/fs/cgroup${second}/memory.events`]),
  ];
  const file = files.find((path) => read(() => readFileSync(path, 'latin1')) !== '');
  return file === undefined ? undefined : () => readFileSync(file, 'latin1');
}

/** A process that is gone, or another user's, is no error. */
function read(attempt: () => string | undefined): string {
  try {
    return attempt() ?? '';
  } catch {
    return '';
  }
}
