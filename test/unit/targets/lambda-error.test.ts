import assert from 'node:assert/strict';
import { asLambdaError } from '../../../src/core/lambda/lambda-error.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

const place = { functionName: 'offload-runner', region: 'eu-west-1', profile: 'team' };

function said(name: string, message: string, more: object = {}): OffloadError {
  const error = asLambdaError(Object.assign(new Error(message), { name }, more), place);
  assert.ok(error instanceof OffloadError);
  return error;
}

describe('what AWS Lambda refuses a call with', () => {
  it('is said in the words of a deploy, with what to do', () => {
    const expired = said('CredentialsProviderError', 'The SSO session has expired. Refresh it.');
    assert.deepEqual(
      [expired.code, expired.fix?.includes('offload login --profile team')],
      ['login-expired', true],
    );
    assert.equal(said('ExpiredTokenException', 'The token is over.').code, 'login-expired');
    assert.equal(said('UnrecognizedClientException', 'Who?').code, 'no-credentials');
    assert.match(said('CredentialsProviderError', 'nothing found').message, /The profile "team" gives no/);
    const denied = said(
      'AccessDeniedException',
      'User: arn:x is not authorized to perform: lambda:InvokeFunction on resource: arn:y because',
    );
    assert.deepEqual(
      [denied.code, denied.message],
      ['no-permission', 'These AWS credentials may not do lambda:InvokeFunction on arn:y.'],
    );
    assert.match(denied.fix ?? '', /offload policy use/);
  });

  it('is an interruption where the connection fails, which is bridged', () => {
    const lost = said('Error', 'getaddrinfo', {
      code: 'ENOTFOUND',
      hostname: 'lambda.eu-west-1.amazonaws.com',
    });
    assert.deepEqual([lost.code, lost.fix?.includes('"eu-west-1" is a region')], ['interrupted', true]);
    assert.equal(said('TimeoutError', 'too slow').code, 'interrupted');
    assert.equal(said('ServiceException', 'inside').code, 'interrupted');
  });

  it('is a moment to wait for where the function is changed just now', () => {
    for (const name of ['ResourceConflictException', 'CodeArtifactUserPendingException']) {
      const { code, message } = said(name, 'The operation cannot be performed at this time.');
      assert.deepEqual([code, message], ['busy', 'AWS Lambda is getting offload-runner ready.']);
    }
  });

  it('is what it was where it is known already', () => {
    const codes = ['TooManyRequestsException', 'ResourceNotFoundException', 'RequestTooLargeException'];
    assert.deepEqual(
      codes.map((name) => said(name, '').code),
      ['busy', 'no-backend', 'too-large'],
    );
  });
});
