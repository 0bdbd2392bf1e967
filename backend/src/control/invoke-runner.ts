import type { Grant } from '../../../src/protocol/lambda.ts';

/**
 * Has the runner carry out grants that no client waits for: Lambda keeps the event until the function has room, and an
 * environment of the grant's workspace takes it.
 */
export function runnerInvoker(functionName: string): (grant: Grant) => Promise<void> {
  return async (grant) => {
    const { LambdaClient, InvokeCommand } = await import('./control-sdk.ts');
    const client = new LambdaClient({});
    try {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'Event',
        TenantId: grant.tenant,
        Payload: Buffer.from(JSON.stringify({ grant })),
      });
      await client.send(command);
    } finally {
      client.destroy();
    }
  };
}
