import assert from 'node:assert/strict';
import { issueToken, readToken, type RunClaims } from '../../../backend/src/control/run-token.ts';
import { newRunId } from '../../../src/core/program/program.ts';

const SIGNING = 'made-up-signing-key-0123456789abcdef';
const KEY = 'sk-ant-made-up-0123456789';
const claims: RunClaims = {
  run: newRunId(),
  tenant: 'workspace',
  epoch: 1,
  expires: 1000,
  access: { provider: 'messages', key: KEY },
};

describe('the token of a run', () => {
  it('says what it was made to say, to whoever made it', () => {
    assert.deepEqual(readToken(SIGNING, issueToken(SIGNING, claims), 999), claims);
    const plain = { ...claims, access: undefined };
    assert.deepEqual(readToken(SIGNING, issueToken(SIGNING, plain), 999), plain);
  });

  it('is over when its time is', () => {
    assert.throws(() => readToken(SIGNING, issueToken(SIGNING, claims), 1000), { code: 'unauthorized' });
  });

  it('is not to be made, changed or mixed by anybody else', () => {
    const token = issueToken(SIGNING, claims);
    const [body = '', signature = ''] = token.split('.');
    const other = issueToken(SIGNING, { ...claims, tenant: 'another' });
    const changed = JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), epoch: 2 });
    for (const wrong of [
      '',
      '.',
      body,
      `${body}.`,
      `${body}.${signature.slice(1)}`,
      `${Buffer.from(changed).toString('base64url')}.${signature}`,
      `${other.split('.')[0] ?? ''}.${signature}`,
      issueToken(`${SIGNING}x`, claims),
    ])
      assert.throws(() => readToken(SIGNING, wrong, 0), { code: 'unauthorized' }, wrong);
  });

  it('shows nothing of the way to the model, and never the same', () => {
    const [one, two] = [issueToken(SIGNING, claims), issueToken(SIGNING, claims)];
    assert.notEqual(one, two);
    const seen = Buffer.from(one.split('.')[0] ?? '', 'base64url').toString();
    assert(!seen.includes(KEY) && !seen.includes('messages'));
  });
});
