import * as z from 'zod/mini';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Each limit of a run: what it is when nothing is asked, and the range that may be asked for. */
export const LIMITS = {
  /** Seconds from the start of the program until it is ended. */
  wallSeconds: { default: 600, min: 1, max: 24 * 3600 },
  /** Seconds of processor time of the whole process tree. */
  cpuSeconds: { default: 600, min: 1, max: 24 * 3600 },
  /** Bytes of memory of the whole process tree. */
  memoryBytes: { default: 2 * GIB, min: 32 * MIB, max: 1024 * GIB },
  /** Processes and threads at once. */
  processes: { default: 256, min: 8, max: 32_768 },
  /** Open files of each process. */
  openFiles: { default: 1024, min: 64, max: 1_048_576 },
  /** Bytes of a single file. */
  fileBytes: { default: GIB, min: KIB, max: 1024 * GIB },
  /** Bytes that the workspace may take on the disk. */
  workspaceBytes: { default: 2 * GIB, min: MIB, max: 1024 * GIB },
  /** Bytes of standard output and standard error together. */
  outputBytes: { default: 64 * MIB, min: KIB, max: 16 * GIB },
} as const;

export type LimitName = keyof typeof LIMITS;
export type Limits = Record<LimitName, number>;

/** The names of all limits. */
export const LIMIT_NAMES = Object.keys(LIMITS) as LimitName[];

const limit = (name: LimitName) => {
  const { min, max } = LIMITS[name];
  return z.optional(z.int().check(z.minimum(min), z.maximum(max)));
};

/** The limits that a request asks for; what it does not name has its default. */
export const limitsSchema = z.strictObject({
  wallSeconds: limit('wallSeconds'),
  cpuSeconds: limit('cpuSeconds'),
  memoryBytes: limit('memoryBytes'),
  processes: limit('processes'),
  openFiles: limit('openFiles'),
  fileBytes: limit('fileBytes'),
  workspaceBytes: limit('workspaceBytes'),
  outputBytes: limit('outputBytes'),
});
export type RequestedLimits = z.infer<typeof limitsSchema>;

/** All limits of a run: those asked for, the defaults for the rest. Limits are always on. */
export function effectiveLimits(requested: RequestedLimits): Limits {
  const entries = LIMIT_NAMES.map((name) => [name, requested[name] ?? LIMITS[name].default]);
  return Object.fromEntries(entries) as Limits;
}
