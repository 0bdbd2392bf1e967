import * as z from 'zod/mini';

const hostRunSchema = z.object({
  /** Bundled test files, absolute. */
  files: z.array(z.string()),
  grep: z.string(),
  /** The results file. */
  results: z.string(),
  colors: z.boolean(),
});

/** What the tests in an extension host have to do. */
export type HostRun = z.infer<typeof hostRunSchema>;

const NAME = 'OFFLOAD_TEST_HOST_RUN';

/** The variable that tells an extension host what to run. */
export const hostRunVariable = (run: HostRun): Record<string, string> => ({ [NAME]: JSON.stringify(run) });

/** Reads that variable; throws when it is missing or not of its form. */
export const readHostRun = (env: NodeJS.ProcessEnv): HostRun =>
  hostRunSchema.parse(JSON.parse(env[NAME] ?? 'null'));
