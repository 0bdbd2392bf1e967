/** The address that control answers the runner at. It is asked for once: the stack that makes it cannot tell control. */
export function ownUrlReader(functionName: string): () => Promise<string> {
  let known: Promise<string> | undefined;
  return () => {
    known ??= read(functionName);
    known.catch(() => (known = undefined));
    return known;
  };
}

async function read(functionName: string): Promise<string> {
  const { LambdaClient, GetFunctionUrlConfigCommand } = await import('./control-sdk.ts');
  const client = new LambdaClient({});
  try {
    const command = new GetFunctionUrlConfigCommand({ FunctionName: functionName });
    return ((await client.send(command)).FunctionUrl ?? '').replace(/\/+$/, '');
  } finally {
    client.destroy();
  }
}
