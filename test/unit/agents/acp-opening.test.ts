import assert from 'node:assert/strict';
import { AcpTalk } from '../../support/acp-agent/talk.ts';

describe('an agent of the Agent Client Protocol opens a conversation', () => {
  const talk = new AcpTalk();

  it('says who it is, and is told where it works, what tools there are and the prompt', async () => {
    const toolServers = { songs: { command: 'node', args: ['x.mjs'], env: { SAYS: 'la' } } };
    await talk.begin(
      {
        turns: [[{ sayTold: true }]],
        info: { name: 'scripted', title: 'Scripted', version: '1.2' },
        models: ['one', 'two'],
      },
      { prompt: 'do it', toolServers },
    );
    await talk.session.turn();
    assert.equal(talk.session.conversation, 'the-session');
    assert.deepEqual(talk.session.of('session'), [{ kind: 'session', agent: 'Scripted 1.2', model: 'one' }]);
    const [initialize, opening, prompt] = talk.told;
    assert.partialDeepStrictEqual(initialize?.params, {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    });
    assert.deepEqual(opening?.params['mcpServers'], [
      { name: 'songs', command: 'node', args: ['x.mjs'], env: [{ name: 'SAYS', value: 'la' }] },
    ]);
    assert.match(String(opening.params['cwd']), /\/workspace$/);
    assert.deepEqual(prompt?.params['prompt'], [{ type: 'text', text: 'do it' }]);
  });

  it('is told the instructions with the first prompt, and not again', async () => {
    await talk.begin({ turns: [[], [{ sayTold: true }]] }, { prompt: 'do it', instructions: 'Be brief.' });
    await talk.session.turn();
    talk.session.send('do it');
    await talk.session.turn(2);
    const text = (content: string) => ({ type: 'text', text: content });
    assert.deepEqual(talk.prompts, [[text('Be brief.'), text('do it')], [text('do it')]]);
  });

  it('uses the model that is asked for', async () => {
    await talk.begin({ turns: [[{ sayTold: true }]], models: ['one', 'two'] }, { model: 'two' });
    await talk.session.turn();
    assert.partialDeepStrictEqual(talk.session.of('session'), [{ model: 'two' }]);
    const chosen = talk.told.find(({ method }) => method === 'session/set_config_option');
    assert.partialDeepStrictEqual(chosen?.params, { configId: 'the-model', value: 'two' });
  });

  it('is refused a model that it does not have, or that nobody may choose', async () => {
    await talk.begin({ turns: [[]], models: ['one', 'two'] }, { model: 'three' });
    await talk.failedWith('unknown-model', /no model "three"/);
    await talk.begin({ turns: [[]] }, { model: 'three' });
    await talk.failedWith('not-supported', /does not let its model be chosen/);
  });

  it('of before again, by what it can', async () => {
    for (const goesOn of ['resume', 'load'] as const) {
      await talk.begin({ turns: [[{ sayTold: true }]], goesOn }, { resume: 'earlier' });
      await talk.session.turn();
      assert.equal(talk.session.conversation, 'earlier');
      // What was said before is not said again.
      assert.partialDeepStrictEqual(talk.told[1], {
        method: `session/${goesOn}`,
        params: { sessionId: 'earlier' },
      });
    }
  });

  it('of before not where it cannot, and says so', async () => {
    await talk.begin({ turns: [[]] }, { resume: 'earlier' });
    await talk.failedWith('not-supported', /cannot go on with a conversation of before/);
  });

  it('not where it speaks another version, or wants its user to sign in', async () => {
    await talk.begin({ turns: [[]], version: 7 });
    await talk.failedWith('not-supported', /speaks version 7/);
    await talk.begin({
      turns: [[]],
      opening: { fail: { code: -32000, message: 'Authentication required' } },
    });
    await talk.failedWith('no-access', /sign in/);
  });
});
