import assert from 'node:assert/strict';
import { showPolicy, type PolicyContext } from '../../../src/editor/deploy/show-policy.ts';

describe('a policy that is shown', () => {
  const show = async (backendFor: PolicyContext['backendFor'], name?: string) => {
    const shown: string[] = [];
    const dialogs: PolicyContext['dialogs'] = {
      pick: (items) => Promise.resolve(items.find(({ label }) => label === 'Use')),
    };
    const document = { show: (text: string) => Promise.resolve(void shown.push(text)) };
    await showPolicy({ dialogs, document, backendFor }, name);
    return shown.join();
  };

  it('is for a backend by its name, in its part of AWS', async () => {
    const china = await show(() => ({ stack: 'own', region: 'cn-north-1' }), 'deploy');
    assert.match(china, /"arn:aws-cn:cloudformation:[^"]*:stack\/own\//);
    assert.doesNotMatch(china, /arn:aws:/);
    assert.match(
      await show(() => ({ stack: 'own', region: undefined }), 'deploy'),
      /"arn:aws:cloudformation:/,
    );
  });

  it('is of another backend for who deploys than for who uses one', async () => {
    const backendFor: PolicyContext['backendFor'] = (policy) => ({ stack: policy, region: 'eu-west-1' });
    assert.match(await show(backendFor), /:function:use-/);
    assert.match(await show(backendFor, 'deploy'), /stack\/deploy\//);
  });
});
