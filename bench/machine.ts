import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were taken on. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${String(Math.round(totalmem() / 1024 ** 3))} GB of memory`;
  const cores = `${String(availableParallelism())} cores (${model})`;
  return `${cores}, ${memory}, Node ${process.version}, ${type()} ${release()}, ${loadLine()}`;
}

/** How busy the machine is: processes that run or want to, over 1, 5 and 15 minutes. */
export const loadLine = (): string =>
  `load average ${loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')}`;
