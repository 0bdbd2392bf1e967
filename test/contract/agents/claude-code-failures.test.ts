import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claudeCode } from '../../../backend/src/agents/claude-code/claude-code.ts';
import { NO_OPTIONS, type AgentSession } from '../../support/agents/agent-session.ts';
import { ClaudeSessions } from '../../support/agents/claude-sessions.ts';
import {
  errorEvent,
  rateLimited,
  refused,
  serverError,
  status,
  unknownModel,
  type Failure,
} from '../../support/messages-api/failure.ts';
import { after, say, text, turn, use } from '../../support/messages-api/turn.ts';

/** As the relay answers what is of no use to ask again. */
const final = (failure: Failure): Failure =>
  failure.fail === 'status' ? { ...failure, headers: { 'x-should-retry': 'false' } } : failure;

describe('the adapter of Claude Code, in hardship', () => {
  const claude = new ClaudeSessions();

  /** The code of the error that the first turn fails with. */
  async function failure(session: AgentSession): Promise<{ code: string; message: string }> {
    const end = await session.turn();
    assert(end.outcome === 'failed', JSON.stringify(end));
    return end.error;
  }

  it('goes on after the model was busy, failed and hung up', async () => {
    const session = await claude.start({
      turns: [
        after([rateLimited(0), serverError(), refused()], use('Bash', { command: 'echo on' })),
        say('I went on.'),
      ],
    });
    assert.deepEqual(await session.turn(), { outcome: 'done', text: 'I went on.' });
    assert.equal(session.of('tool-call').length, 1);
    assert.deepEqual(
      session.of('tool-result').map(({ text: what }) => what),
      ['on'],
    );
  });

  it('closes what an answer began that was cut off, and tells the rest once', async () => {
    const write = use(
      'Write',
      { file_path: join(claude.folders.workspace, 'a'), content: 'x'.repeat(200) },
      { id: 'toolu_cut' },
    );
    const session = await claude.start({
      turns: ({ messages }) =>
        JSON.stringify(messages).includes('I begin.')
          ? say('There it is.')
          : // message_start; the text's start, two deltas and stop; the tool's start and some of its input.
            after([errorEvent(9)], turn([text('I begin.', { pieces: 2 }), write])),
    });
    assert.deepEqual(await session.turn(), { outcome: 'done', text: 'There it is.' });
    assert.equal(session.said, 'I begin.There it is.');
    assert.deepEqual(
      session.of('tool').map(({ id }) => id),
      ['toolu_cut'],
    );
    assert.deepEqual(session.of('tool-call'), []);
    assert.deepEqual(session.of('tool-result'), [
      { kind: 'tool-result', id: 'toolu_cut', outcome: 'interrupted', text: '' },
    ]);
  });

  const failures: [what: string, failure: Failure, code: string][] = [
    ['a key that is not taken', status(401, 'invalid x-api-key'), 'no-access'],
    ['a key that may not', status(403), 'no-access'],
    ['a budget that is used up', status(402, 'the budget is used up'), 'budget-reached'],
    ['a model that does not exist', unknownModel('nonsense'), 'unknown-model'],
    ['a model that is down', status(503), 'model-unreachable'],
    ['a request that is not understood', status(400, 'what is this'), 'agent-failed'],
  ];
  for (const [what, met, code] of failures) {
    it(`names ${what}`, async () => {
      const session = await claude.start({ turns: [final(met)] }, { model: 'nonsense' });
      const error = await failure(session);
      assert.equal(error.code, code, error.message);
      assert.equal(session.said, '', 'it is told as the error alone');
    });
  }

  it('names a refusal of the model', async () => {
    const session = await claude.start({ turns: () => say('I cannot do that.', { stopReason: 'refusal' }) });
    const error = await failure(session);
    assert.equal(error.code, 'agent-failed');
  });

  it('names a conversation that is not there', async () => {
    const session = await claude.start({ turns: [] }, { resume: '7e1a5c68-1111-4111-8111-b0f2b1f2b1f2' });
    assert.match((await failure(session)).message, /No conversation found/);
  });

  it('names what a program wrote that does not speak JSON', async () => {
    const session = await claude.start({ turns: [] }, { program: fake('echo Hello, I am no agent; exit 0') });
    const error = await failure(session);
    assert.equal(error.code, 'agent-failed');
    assert.match(error.message, /Hello, I am no agent/);
  });

  it('ends with a program that crashes, and says nothing for it', async () => {
    const init = JSON.stringify({ type: 'system', subtype: 'init', session_id: 'abc' });
    const session = await claude.start({ turns: [] }, { program: fake(`echo '${init}'; kill -SEGV $$`) });
    assert.equal(await session.ended, 'SIGSEGV');
    assert.deepEqual(session.turns, []);
  });

  it('holds a program up that floods it, and ends with it', async () => {
    const session = await claude.start(
      { turns: [] },
      { program: fake('yes "{}" | head -c 300000; yes x | head -c 300000') },
    );
    assert.equal((await failure(session)).code, 'agent-failed');
    assert.equal(session.items.length, 0);
  });

  it('has no command for a program that is not there, or cannot be run', () => {
    const places = { ...claude.folders, modelSocket: '/nowhere' };
    writeFileSync(join(claude.folders.home, 'plain'), '');
    for (const missing of [undefined, '/nowhere/claude', join(claude.folders.home, 'plain')]) {
      assert.throws(() => claudeCode.command({ ...NO_OPTIONS, program: missing }, places), {
        code: 'no-agent',
      });
    }
  });

  /** A program that does what a line of bash says, whatever its arguments. */
  function fake(line: string): string {
    const path = join(claude.folders.home, 'fake');
    writeFileSync(path, `#!/bin/bash\n${line}\n`);
    chmodSync(path, 0o755);
    return path;
  }
});
