/** See lambda-runtime.mjs. */
export function findLambdaRuntime(options: { readonly node24: string }): Promise<string | undefined>;
