import assert from 'node:assert/strict';
import { accessFrom as access } from '../../../backend/src/tasks/lambda-tasks.ts';

describe('the model of a function', () => {
  it('is reached with a key or a token', () => {
    assert.deepEqual(access({ ANTHROPIC_API_KEY: 'made-up' }), { provider: 'messages', key: 'made-up' });
    assert.deepEqual(access({ CLAUDE_CODE_OAUTH_TOKEN: 'made-up' }), {
      provider: 'messages',
      token: 'made-up',
    });
  });

  it('is reached at an address of one’s own, with a key or without', () => {
    const baseUrl = 'https://model.example';
    assert.deepEqual(access({ ANTHROPIC_BASE_URL: baseUrl }), { provider: 'messages', baseUrl });
    assert.deepEqual(access({ ANTHROPIC_BASE_URL: baseUrl, ANTHROPIC_API_KEY: 'made-up' }), {
      provider: 'messages',
      baseUrl,
      key: 'made-up',
    });
  });

  it('is Amazon Bedrock with a region, a profile and an address', () => {
    assert.deepEqual(
      access({
        CLAUDE_CODE_USE_BEDROCK: '1',
        AWS_REGION: 'eu-west-1',
        AWS_PROFILE: 'work',
        ANTHROPIC_BEDROCK_BASE_URL: 'https://bedrock.example',
        ANTHROPIC_API_KEY: 'not-this-one',
      }),
      { provider: 'bedrock', region: 'eu-west-1', profile: 'work', baseUrl: 'https://bedrock.example' },
    );
  });

  it('is not there where nothing is said, or nothing that can be', () => {
    assert.equal(access({}), undefined);
    assert.equal(access({ CLAUDE_CODE_USE_BEDROCK: '1' }), undefined);
    assert.equal(access({ ANTHROPIC_BASE_URL: 'ftp://model.example' }), undefined);
  });
});
