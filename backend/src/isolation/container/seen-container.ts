import { readdirSync, readFileSync } from 'node:fs';
import { hasEnded, treeOf } from '../process-tree.ts';

/** A container's processes and its control group, as the host's kernel shows them; nothing where it runs elsewhere. */
export class SeenContainer {
  readonly #id: string;
  /** Processes that are none of it: looking at each of them again takes long where there are many. */
  readonly #others: Set<number>;
  #init: number | undefined;
  #counter: (() => string) | undefined;

  /** @param id its whole id, before it is started */
  constructor(id: string) {
    this.#id = id;
    this.#others = new Set(processes());
  }

  /** The host's id of the container's first process, once it is there. */
  get init(): number | undefined {
    if (this.#init !== undefined) return this.#init;
    for (const pid of processes()) {
      if (this.#others.has(pid)) continue;
      if (!isFirst(pid)) this.#others.add(pid);
      else if (belongs(pid, this.#id)) {
        this.#init = pid;
        this.#counter = oomCounter(pid);
        break;
      }
    }
    return this.#init;
  }

  /** The same while it is that process: its number may be another's later. */
  get living(): number | undefined {
    const { init } = this;
    if (init === undefined || hasEnded(init)) return undefined;
    return isFirst(init) && belongs(init, this.#id) ? init : undefined;
  }

  pids(): number[] {
    const { living } = this;
    return living === undefined ? [] : treeOf(living);
  }

  /** Whether the kernel has ended one of its processes since the control group had no memory left. */
  outOfMemory(): boolean {
    if (this.init === undefined) return false;
    return Number(/^oom_kill (\d+)$/m.exec(read(() => this.#counter?.()))?.[1] ?? 0) > 0;
  }
}

const processes = (): number[] =>
  process.platform === 'linux' ? readdirSync('/proc').map(Number).filter(Number.isInteger) : [];

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
    read(() => readFileSync(`/proc/${parent}/cmdline`, 'latin1'))
      .split('\0')
      .includes(id)
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
