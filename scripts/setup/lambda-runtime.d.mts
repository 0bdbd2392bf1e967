/** See lambda-runtime.mjs. */
export function ensureLambdaRuntime(options: {
  readonly node24: string;
  readonly log: (line: string) => void;
}): Promise<{ readonly ok: true; readonly dir: string } | { readonly ok: false; readonly reason: string }>;

/** See lambda-runtime.mjs. */
export function findLambdaRuntime(options: { readonly node24: string }): Promise<string | undefined>;
