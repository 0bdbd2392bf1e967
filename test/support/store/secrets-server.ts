import type { IncomingMessage, ServerResponse } from 'node:http';
import { close, listen, readBody, sendJson } from '../../../src/core/lambda-local/http.ts';

/** One secret of AWS Secrets Manager on the loopback interface, for the unmodified SDK. */
export interface SecretsServer {
  readonly endpoint: string;
  readonly arn: string;
  /** Undefined once it was deleted. */
  secret: Record<string, string> | undefined;
  /** What somebody has written in its place. */
  text: string | undefined;
  dispose(): Promise<void>;
}

export async function startSecretsServer(secret: Record<string, string>): Promise<SecretsServer> {
  const { server, address } = await listen();
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:offload-made-up';
  const own: SecretsServer = {
    endpoint: `http://${address}`,
    arn,
    secret,
    text: undefined,
    dispose: () => close(server),
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const { SecretId } = JSON.parse(body?.toString() ?? '{}') as { SecretId?: string };
    const signed = (request.headers.authorization ?? '').includes('ASIAROLEEXAMPLE');
    const asked = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
    if (!signed || !asked || SecretId !== arn)
      sendJson(response, 400, { __type: 'AccessDeniedException', Message: 'not for you' });
    else if (own.secret === undefined)
      sendJson(response, 400, {
        __type: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      });
    else sendJson(response, 200, { ARN: arn, SecretString: own.text ?? JSON.stringify(own.secret) });
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((error: unknown) => {
      console.error('The fake of Secrets Manager failed:', error);
      response.destroy();
    });
  });
  return own;
}
