import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { TurnEnd } from '../../../backend/src/agents/agent.ts';
import { ClaudeSessions } from '../../support/agents/claude-sessions.ts';
import { say, turn, use } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';

const done = (said: string): TurnEnd => ({ outcome: 'done', text: said });

describe('the adapter of Claude Code, from turn to turn', () => {
  const claude = new ClaudeSessions();

  it('takes a message in mid-turn with the next result of a tool', async () => {
    const session = await claude.start({
      turns: [claude.run('sleep 1; echo slept'), say('I walked on.')],
      replies: [{ to: 'turn around', turns: [say('I turn around.'), say('I turn around.')] }],
    });
    await session.item('tool-call');
    session.send('turn around');
    await session.turn();
    await session.end();
    assert.equal(session.turns.length, 1, 'there was one turn');
    assert(JSON.stringify(session.api.bodies.at(-1)?.messages).includes('turn around'));
    assert.equal(session.api.bodies.length, 2);
  });

  it('begins a turn for a message that came too late, and tells of no end before that', async () => {
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    const session = await claude.start({
      turns: [say('I say something long.', { hold: { event: 4, until } })],
      replies: [{ to: 'and then', turns: [say('And then that.')] }],
    });
    await session.item('text');
    session.send('and then what?');
    release();
    assert.deepEqual(await session.turn(), done('And then that.'));
    await session.end();
    assert.equal(session.turns.length, 1);
    assert.equal(session.said, 'I say something long.And then that.');
  });

  it('takes a further turn after one has ended', async () => {
    const session = await claude.start({
      turns: [say('One.')],
      replies: [{ to: 'second', turns: [say('Two.')] }],
    });
    assert.deepEqual(await session.turn(1), done('One.'));
    session.send('the second');
    assert.deepEqual(await session.turn(2), done('Two.'));
    assert.equal(await session.end(), 0);
  });

  it('ends a turn in the middle of a tool, and goes on when it is told more', async () => {
    const session = await claude.start({
      turns: [
        turn([claude.write('a.txt', 'a', 'toolu_w'), claude.run('echo $$ > pid; exec sleep 60', 'toolu_s')]),
      ],
      replies: [{ to: 'go on', turns: [say('I go on.')] }],
    });
    await session.item('tool-result');
    await session.item('tool-call', ({ id }) => id === 'toolu_s');
    await eventually(() => existsSync(claude.file('pid')));
    session.interrupt();
    session.interrupt();
    assert.equal((await session.turn()).outcome, 'interrupted');
    const outcomes = session.of('tool-result').map(({ id, outcome }) => [id, outcome]);
    assert.deepEqual(outcomes, [
      ['toolu_w', 'done'],
      ['toolu_s', 'interrupted'],
    ]);
    const pid = Number(readFileSync(claude.file('pid'), 'utf8'));
    await eventually(() => !existsSync(`/proc/${String(pid)}`));
    session.send('go on');
    assert.deepEqual(await session.turn(2), done('I go on.'));
  });

  it('lets go of its questions when it is interrupted', async () => {
    const options = [
      { label: 'a', description: 'a' },
      { label: 'b', description: 'b' },
    ];
    const session = await claude.start({
      turns: [
        use('AskUserQuestion', {
          questions: [{ question: 'Which?', header: 'Which', multiSelect: false, options }],
        }),
      ],
    });
    const { id } = await session.item('question');
    session.interrupt();
    assert.equal((await session.turn()).outcome, 'interrupted');
    assert.deepEqual(session.of('answer'), [{ kind: 'answer', id }]);
    assert.equal(session.answer(id, { chosen: ['a'], text: undefined }), false);
    assert.equal(session.of('tool-result').at(-1)?.outcome, 'interrupted');
  });

  it('goes on with a conversation in another process, by its instructions of now', async () => {
    const script = {
      turns: [say('Noted.')],
      replies: [{ to: 'what was it', turns: [say('It was green.')] }],
    };
    const first = await claude.start(script, {
      prompt: 'remember: green',
      instructions: 'Be brief, like a poem.',
    });
    await first.turn();
    const { conversation } = first;
    assert(conversation !== undefined);
    assert.match(JSON.stringify(first.api.bodies[0]), /like a poem/);
    await first.end();
    const second = await claude.start(script, {
      prompt: 'what was it?',
      resume: conversation,
      instructions: 'Be long, like a novel.',
    });
    assert.deepEqual(await second.turn(), done('It was green.'));
    assert.equal(second.conversation, conversation);
    const messages = JSON.stringify(second.api.bodies[0]?.messages);
    assert.match(messages, /remember: green/);
    assert.match(messages, /like a novel/);
  });

  it('stops after as many answers as it may have', async () => {
    const session = await claude.start(
      { turns: [claude.run('echo 1'), claude.run('echo 2'), claude.run('echo 3')] },
      { maxTurns: 2 },
    );
    assert.deepEqual(await session.turn(), { outcome: 'turn-limit' });
    assert.equal(session.api.bodies.length, 2);
  });
});
