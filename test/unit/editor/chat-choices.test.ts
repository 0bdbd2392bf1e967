import assert from 'node:assert/strict';
import { agentsAt } from '../../../src/editor/task/chat-choices.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';

describe('the agents that are offered', () => {
  const agents = ['claude-code', 'opencode'].map((id) => ({ id, label: id, detail: '1.2.3', models: [] }));
  const image = { hostInterpreters: false, agents: ['claude-code'] } as unknown as Capabilities;
  const offered = (can: Capabilities | undefined, kind: 'local' | 'lambda') =>
    agentsAt(agents, can, { kind }).map(({ id, detail }) => `${id}: ${detail}`);

  it('are those of the place, and no version of this computer’s is said of another place', () => {
    assert.deepEqual(offered(undefined, 'local'), ['claude-code: 1.2.3', 'opencode: 1.2.3']);
    assert.deepEqual(offered(image, 'lambda'), ['claude-code: of its image']);
    assert.deepEqual(offered(undefined, 'lambda'), [
      'claude-code: if the image there has it',
      'opencode: if the image there has it',
    ]);
  });
});
