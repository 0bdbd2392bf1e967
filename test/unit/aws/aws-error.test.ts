import assert from 'node:assert/strict';
import { asAwsError } from '../../../src/core/aws/aws-error.ts';
import { OffloadError } from '../../../src/protocol/error.ts';

const PLACE = { region: 'eu-west-1' };

const thrown = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });
const said = (error: Error): OffloadError => {
  const translated = asAwsError(error, PLACE);
  assert(translated instanceof OffloadError, String(translated));
  assert.equal(translated.cause, error);
  return translated;
};

describe('what the AWS SDK throws', () => {
  it('is said to be AWS’s answer where it is one, and how to go on where it is a fault of AWS', () => {
    const answer = said(thrown('Odd', 'what?', { $fault: 'client', $metadata: { httpStatusCode: 400 } }));
    assert.equal(answer.message, 'AWS answered Odd: what?');
    assert.equal(answer.fix, undefined);
    for (const more of [{ $fault: 'server' }, { $metadata: { httpStatusCode: 503 } }])
      assert.match(said(thrown('InternalFailure', 'oh', more)).fix ?? '', /try again/);
  });

  it('is passed on as it is where nobody answered', () => {
    for (const error of [
      thrown('TypeError', 'x is not a function'),
      thrown('Error', 'ENOSPC: no space left on device', { code: 'ENOSPC' }),
      // What the SDK adds to whatever goes wrong in a call.
      thrown('Error', 'odd', { $metadata: { attempts: 1, totalRetryDelay: 0 } }),
    ])
      assert.equal(asAwsError(error, PLACE), error);
  });

  it('is said to be for want of a region that has what is asked for', () => {
    const { code, message } = said(
      thrown('ValidationError', 'Template format error: Unrecognized resource types: [AWS::Lambda::Url]'),
    );
    assert.equal(code, 'not-supported');
    assert.match(message, /^The region eu-west-1 lacks/);
  });
});
