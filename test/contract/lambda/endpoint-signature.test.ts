import assert from 'node:assert/strict';
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { lambdaClient } from '../../support/lambda/client.ts';
import { startLambdaEndpoint } from '../../support/lambda/endpoint.ts';
import type { LambdaEndpoint } from '../../support/lambda/types.ts';

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'a-secret', sessionToken: 'a-session' };
const target = '/2015-03-31/functions/nobody/invocations';
const hour = 3_600_000;

/** Has no function: whoever is let in learns that the one asked for is not there. */
const letIn = 'ResourceNotFoundException';

describe('the signature of a Lambda request', () => {
  let endpoint: LambdaEndpoint;

  before(async () => {
    // No function, so no runtime client either.
    endpoint = await startLambdaEndpoint({
      functions: {},
      credentials,
      region: 'eu-west-1',
      runtime: '/none',
    });
  });

  after(() => endpoint.dispose());

  const send = async (config: LambdaClientConfig): Promise<void> => {
    const client = lambdaClient(endpoint, config);
    try {
      await client.send(new InvokeCommand({ FunctionName: 'nobody', Qualifier: '$LATEST', Payload: '{}' }));
    } finally {
      client.destroy();
    }
  };

  it('opens the door when it is right', async () => {
    await assert.rejects(send({}), { name: letIn });
  });

  it('is refused when the secret is wrong', async () => {
    await assert.rejects(
      send({ credentials: { ...credentials, secretAccessKey: 'another' } }),
      (error: unknown) => {
        const { name, message, $metadata } = error as {
          name: string;
          message: string;
          $metadata: { httpStatusCode: number };
        };
        assert.deepEqual([name, $metadata.httpStatusCode], ['InvalidSignatureException', 403]);
        assert.match(
          message,
          /^The request signature we calculated does not match the signature you provided\./,
        );
        return true;
      },
    );
  });

  it('is refused when the key or the session is unknown', async () => {
    const refusal = {
      name: 'UnrecognizedClientException',
      message: /security token included in the request is invalid/,
    };
    await assert.rejects(send({ credentials: { ...credentials, accessKeyId: 'AKIDOTHER' } }), refusal);
    await assert.rejects(send({ credentials: { ...credentials, sessionToken: 'another' } }), refusal);
    const { accessKeyId, secretAccessKey } = credentials;
    await assert.rejects(send({ credentials: { accessKeyId, secretAccessKey } }), refusal);
  });

  it('is refused when it is for another region', async () => {
    const refusal = { name: 'InvalidSignatureException', message: /valid region, not 'us-west-2'/ };
    await assert.rejects(send({ region: 'us-west-2' }), refusal);
  });

  it('is refused when the clock is wrong by more than five minutes', async () => {
    const late = {
      name: 'InvalidSignatureException',
      message: /^Signature expired: \d{8}T\d{6}Z is now earlier than/,
    };
    await assert.rejects(send({ systemClockOffset: -hour }), late);
    const early = { name: 'InvalidSignatureException', message: /^Signature not yet current: / };
    await assert.rejects(send({ systemClockOffset: hour }), early);
    await assert.rejects(send({ systemClockOffset: -4 * 60_000 }), { name: letIn });
  });

  it('is made again by the SDK, with the clock corrected by our date', async () => {
    const config = { systemClockOffset: -hour, maxAttempts: 2 };
    await assert.rejects(send(config), { name: letIn });
    const client = lambdaClient(endpoint, config);
    const command = new InvokeWithResponseStreamCommand({ FunctionName: 'nobody', Payload: '{}' });
    await assert.rejects(client.send(command), { name: letIn });
    client.destroy();
  });

  it('covers the body, the path, the query and the headers', async () => {
    assert.equal((await post(await sign({}))).type, letIn);
    const signed = await sign({});
    const refusal = 'InvalidSignatureException';
    assert.equal((await post({ ...signed, body: '{"other":1}' })).type, refusal);
    assert.equal((await post({ ...signed, path: target.replace('nobody', 'somebody') })).type, refusal);
    assert.equal((await post({ ...signed, path: `${target}?Qualifier=$LATEST` })).type, refusal);
    assert.equal(
      (await post({ ...signed, headers: { ...signed.headers, 'x-amz-log-type': 'Tail' } })).type,
      refusal,
    );
    const renamed = { ...signed.headers, 'user-agent': 'another' };
    assert.equal((await post({ ...signed, headers: renamed })).type, refusal);
    const padded = { ...signed.headers, 'x-amz-security-token': 'a-session ' };
    assert.equal((await post({ ...signed, headers: padded })).type, letIn, 'blanks at the end do not count');
  });

  it('covers the body even where the caller states no hash of it', async () => {
    const signed = await sign({ applyChecksum: false });
    assert.equal((await post(signed)).type, letIn);
    assert.equal((await post({ ...signed, body: '{"other":1}' })).type, 'InvalidSignatureException');
  });

  it('has to be there, and whole', async () => {
    const { headers, ...signed } = await sign({});
    const { authorization = '', ...others } = headers;
    const missing = await post({ ...signed, headers: others });
    assert.deepEqual([missing.status, missing.type], [403, 'MissingAuthenticationTokenException']);
    const broken = { ...others, authorization: authorization.replace(/, Signature=.*/, '') };
    assert.equal((await post({ ...signed, headers: broken })).type, 'IncompleteSignatureException');
    const undated = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-amz-date'));
    assert.equal((await post({ ...signed, headers: undated })).type, 'IncompleteSignatureException');
  });

  interface Signed {
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  }

  /** A request made by hand, so that it can be changed after it was signed. It signs a header that the SDK leaves out. */
  async function sign({ applyChecksum = true }): Promise<Signed> {
    const body = '{"some":1}';
    const signer = new SignatureV4({
      credentials,
      region: 'eu-west-1',
      service: 'lambda',
      sha256: Sha256,
      applyChecksum,
    });
    const host = new URL(endpoint.endpoint).host;
    const request = new HttpRequest({
      method: 'POST',
      path: target,
      headers: { host, 'user-agent': 'hand' },
      body,
    });
    const { headers } = await signer.sign(request, { signableHeaders: new Set(['user-agent']) });
    return { path: target, headers, body };
  }

  async function post({ path, headers, body }: Signed): Promise<{ status: number; type: string | null }> {
    const { host, ...others } = headers;
    assert.equal(host, new URL(endpoint.endpoint).host, 'fetch sets this header itself');
    const response = await fetch(`${endpoint.endpoint}${path}`, { method: 'POST', headers: others, body });
    await response.arrayBuffer();
    return { status: response.status, type: response.headers.get('x-amzn-errortype') };
  }
});
