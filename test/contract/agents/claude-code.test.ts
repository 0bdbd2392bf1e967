import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TurnEnd } from '../../../backend/src/agents/agent.ts';
import { ClaudeSessions } from '../../support/agents/claude-sessions.ts';
import { TOOL_SERVER } from '../../support/agents/tool-server.ts';
import { systemText } from '../../support/messages-api/request.ts';
import { say, text, thinking, turn, use } from '../../support/messages-api/turn.ts';

const done = (said: string): TurnEnd => ({ outcome: 'done', text: said });

describe('the adapter of Claude Code', () => {
  const claude = new ClaudeSessions();

  it('writes, edits and removes files, and tells each use once, with its title and its result', async () => {
    const session = await claude.start({
      turns: [
        claude.write('src/a.ts', 'one\n', 'toolu_w'),
        use(
          'Edit',
          { file_path: claude.file('src/a.ts'), old_string: 'one', new_string: 'two' },
          { id: 'toolu_e' },
        ),
        claude.run('cat src/a.ts; rm src/a.ts', 'toolu_b'),
        say('All is done.'),
      ],
    });
    assert.deepEqual(await session.turn(), done('All is done.'));
    assert.equal(await session.end(), 0);
    assert.deepEqual(session.api.unexpected, []);
    assert(!existsSync(claude.file('src/a.ts')));
    assert.deepEqual(
      session.of('tool-call').map(({ id, title }) => [id, title]),
      [
        ['toolu_w', 'Write src/a.ts'],
        ['toolu_e', 'Edit src/a.ts'],
        ['toolu_b', 'Run cat src/a.ts; rm src/a.ts'],
      ],
    );
    assert.deepEqual(
      session.of('tool-result').map(({ id, outcome }) => [id, outcome]),
      [
        ['toolu_w', 'done'],
        ['toolu_e', 'done'],
        ['toolu_b', 'done'],
      ],
    );
    assert.equal(session.of('tool-result').at(-1)?.text, 'two');
    const formed = session.of('tool-input').filter(({ id }) => id === 'toolu_w');
    const whole = session.of('tool-call').find(({ id }) => id === 'toolu_w');
    assert(formed.length > 1, 'its input comes as it forms');
    assert.deepEqual(JSON.parse(formed.map(({ delta }) => delta).join('')), whole?.input);
  });

  it('tells text and thinking in parts, and none of it twice', async () => {
    const session = await claude.start({
      turns: [
        turn([thinking('First I think about it.', { pieces: 5 }), text('Then I say it.', { pieces: 5 })]),
      ],
    });
    await session.turn();
    assert.equal(session.said, 'Then I say it.');
    assert(session.of('text').length > 1, 'in parts');
    const thoughts = session.of('thinking').map(({ delta }) => delta);
    assert.equal(thoughts.join(''), 'First I think about it.');
    assert.equal(new Set(session.of('text').map(({ id }) => id)).size, 1);
  });

  it('mends a command that failed', async () => {
    const session = await claude.start({
      turns: [claude.run('cat missing.txt', 'toolu_1'), claude.run('echo mended', 'toolu_2'), say('Mended.')],
    });
    assert.deepEqual(await session.turn(), done('Mended.'));
    const [first, second] = session.of('tool-result');
    assert.equal(first?.outcome, 'failed');
    assert.match(first.text, /No such file/);
    assert.deepEqual([second?.outcome, second?.text], ['done', 'mended']);
  });

  it('uses several tools at once', async () => {
    const session = await claude.start({
      turns: [
        turn([
          claude.write('a', 'a', 'toolu_a'),
          claude.run('echo b', 'toolu_b'),
          claude.run('exit 3', 'toolu_c'),
        ]),
        say('So.'),
      ],
    });
    await session.turn();
    const outcomes = session.of('tool-result').map(({ id, outcome }) => [id, outcome]);
    assert.deepEqual(
      new Map(outcomes as [string, string][]),
      new Map([
        ['toolu_a', 'done'],
        ['toolu_b', 'done'],
        ['toolu_c', 'failed'],
      ]),
    );
  });

  it('keeps its list of what is to do', async () => {
    const todos = (first: string, second: string) =>
      use('TodoWrite', {
        todos: [
          { content: 'Look', status: first, activeForm: 'Looking' },
          { content: 'Leap', status: second, activeForm: 'Leaping' },
        ],
      });
    const session = await claude.start({
      turns: [todos('in_progress', 'pending'), todos('completed', 'in_progress'), say('Leapt.')],
    });
    await session.turn();
    assert.deepEqual(
      session.of('todos').map(({ items }) => items.map(({ text: what, state }) => `${what} ${state}`)),
      [
        ['Look active', 'Leap pending'],
        ['Look done', 'Leap active'],
      ],
    );
  });

  it('asks its questions, and goes on with the answers', async () => {
    const options = (...labels: string[]) => labels.map((label) => ({ label, description: label }));
    const session = await claude.start({
      turns: [
        use('AskUserQuestion', {
          questions: [
            {
              question: 'Which colour?',
              header: 'Colour',
              multiSelect: false,
              options: options('Red', 'Blue'),
            },
            { question: 'Which sizes?', header: 'Sizes', multiSelect: true, options: options('S', 'L') },
          ],
        }),
        say('Thank you.'),
      ],
    });
    await session.item('question', ({ text: what }) => what === 'Which sizes?');
    const [colour, sizes] = session.of('question');
    assert(colour !== undefined && sizes !== undefined);
    assert.deepEqual([colour.multiple, sizes.multiple], [false, true]);
    assert.equal(session.answer('another', { chosen: ['Red'], text: undefined }), false);
    assert.equal(session.answer(colour.id, { chosen: ['Blue'], text: 'a dark one' }), true);
    // Told at once, though the agent goes on with the other answer only.
    assert.equal((await session.item('answer')).id, colour.id);
    assert.equal(session.answer(colour.id, { chosen: ['Red'], text: undefined }), false);
    assert.equal(session.answer(sizes.id, { chosen: ['S', 'L'], text: undefined }), true);
    assert.deepEqual(await session.turn(), done('Thank you.'));
    const result = session.of('tool-result')[0]?.text ?? '';
    assert.match(result, /"Which colour\?"="Blue, a dark one"/);
    assert.match(result, /"Which sizes\?"="S, L"/);
  });

  it('waits for a sub-agent, and tells its work apart', async () => {
    const session = await claude.start({
      turns: [
        use(
          'Agent',
          { description: 'look', prompt: 'be a sub-agent', subagent_type: 'general-purpose' },
          { id: 'toolu_sub' },
        ),
        say('I heard of it.'),
      ],
      replies: [
        {
          to: 'be a sub-agent',
          turns: [
            turn([text('I look.'), claude.run('sleep 0.3; echo found', 'toolu_look')]),
            say('I found it.'),
          ],
        },
      ],
    });
    assert.deepEqual(await session.turn(), done('I heard of it.'));
    assert.equal(session.said, 'I heard of it.');
    const own = session.reports.flatMap((report) =>
      report.type === 'item' && report.parent === 'toolu_sub' ? [report.item] : [],
    );
    assert.deepEqual(
      own.map((item) => (item.kind === 'text' ? item.delta : item.kind)),
      ['I look.', 'tool-call', 'tool-result', 'I found it.'],
    );
    assert.equal(session.of('tool-call')[0]?.title, 'Delegate look');
    assert.match(session.of('tool-result').find(({ id }) => id === 'toolu_sub')?.text ?? '', /I found it/);
  });

  it('takes instructions that are longer than an argument may be', async () => {
    const session = await claude.start(
      { turns: [say('Yes.')] },
      { instructions: `${'x'.repeat(200_000)} the end` },
    );
    assert.deepEqual(await session.turn(), done('Yes.'));
    assert.match(JSON.stringify(session.api.bodies[0]), /the end/);
  });

  it('has the tools of the servers that it is given, and none that the workspace names', async () => {
    writeFileSync(
      claude.file('.mcp.json'),
      JSON.stringify({ mcpServers: { wild: { command: 'touch', args: [claude.file('wild')] } } }),
    );
    writeFileSync(join(claude.folders.home, 'server.mjs'), TOOL_SERVER);
    const server = {
      command: process.execPath,
      args: [join(claude.folders.home, 'server.mjs')],
      env: { SAYS: 'hum' },
    };
    const session = await claude.start(
      { turns: [use('mcp__given__sing', {}), say('Sung.')] },
      { toolServers: { given: server } },
    );
    assert.deepEqual(await session.turn(), done('Sung.'));
    assert.match(session.of('tool-result')[0]?.text ?? '', /^hum/);
    assert(!existsSync(claude.file('wild')));
  });

  it('speaks to the model alone, by its socket, whatever the workspace sets', async () => {
    const settings = {
      env: {
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        CLAUDE_CODE_USE_BEDROCK: '1',
        ANTHROPIC_UNIX_SOCKET: '/no',
      },
    };
    writeFileSync(claude.file('CLAUDE.md'), 'This project is about turnips.');
    mkdirSync(claude.file('.claude'));
    writeFileSync(claude.file('.claude/settings.json'), JSON.stringify(settings));
    const session = await claude.start({ turns: [say('Yes.')] }, { model: 'claude-sonnet-4-5' });
    assert.deepEqual(await session.turn(), done('Yes.'));
    const [body] = session.api.bodies;
    assert.equal(body?.model, 'claude-sonnet-4-5');
    assert.match(systemText(body) + JSON.stringify(body.messages), /about turnips/);
    assert.deepEqual(
      new Set(session.api.requests.map(({ url }) => url.split('?')[0])),
      new Set(['/v1/messages']),
    );
  });

  it('tells a use that the workspace has denied as refused', async () => {
    mkdirSync(claude.file('.claude'));
    const settings = { permissions: { deny: ['Bash(rm:*)'] } };
    writeFileSync(claude.file('.claude/settings.json'), JSON.stringify(settings));
    const session = await claude.start({
      turns: [claude.run('rm -rf x', 'toolu_rm'), claude.run('echo x', 'toolu_echo'), say('I may not.')],
      replies: [{ to: 'again', turns: [claude.run('rm -rf x', 'toolu_again'), say('I may not.')] }],
    });
    assert.deepEqual(await session.turn(), done('I may not.'));
    session.send('again');
    // All that it wanted to do in this turn.
    const end = await session.turn(2);
    assert.match(end.outcome === 'failed' ? end.error.message : end.outcome, /refused every tool .*: Bash\./);
    assert.deepEqual(
      session.of('tool-result').map(({ id, outcome }) => [id, outcome]),
      [
        ['toolu_rm', 'refused'],
        ['toolu_echo', 'done'],
        ['toolu_again', 'refused'],
      ],
    );
  });
});
