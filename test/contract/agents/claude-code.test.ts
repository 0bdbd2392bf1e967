import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claudeCode } from '../../../backend/src/agents/claude-code/claude-code.ts';
import type { AgentOptions, TurnEnd } from '../../../backend/src/agents/agent.ts';
import { AgentSession, agentFolders, type AgentFolders } from '../../support/agents/agent-session.ts';
import { TOOL_SERVER } from '../../support/agents/tool-server.ts';
import { systemText } from '../../support/messages-api/request.ts';
import type { MessagesApi, MessagesApiOptions } from '../../support/messages-api/server.ts';
import { say, text, thinking, turn, use } from '../../support/messages-api/turn.ts';
import { eventually } from '../../support/target/eventually.ts';
import { agentProgram } from '../../support/task/agents.ts';

const run = (command: string, id?: string) =>
  use('Bash', { command, description: 'a command' }, id === undefined ? {} : { id });
const done = (said: string): TurnEnd => ({ outcome: 'done', text: said });

describe('the adapter of Claude Code', function () {
  this.timeout(60_000);
  let program: string;
  let folders: AgentFolders;
  const sessions: AgentSession[] = [];

  before(function () {
    program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
  });
  beforeEach(() => {
    folders = agentFolders();
  });
  afterEach(() => Promise.all(sessions.splice(0).map((session) => session.dispose())));

  async function start(
    script: MessagesApiOptions | MessagesApi,
    options: Partial<AgentOptions> = {},
  ): Promise<AgentSession> {
    const session = await AgentSession.start(claudeCode, script, { program, ...options }, folders);
    sessions.push(session);
    return session;
  }

  const file = (name: string): string => join(folders.workspace, name);
  const write = (name: string, content: string, id?: string) =>
    use('Write', { file_path: file(name), content }, id === undefined ? {} : { id });

  it('writes, edits and removes files, and tells each use once, with its title and its result', async () => {
    const session = await start({
      turns: [
        write('src/a.ts', 'one\n', 'toolu_w'),
        use('Edit', { file_path: file('src/a.ts'), old_string: 'one', new_string: 'two' }, { id: 'toolu_e' }),
        run('cat src/a.ts; rm src/a.ts', 'toolu_b'),
        say('All is done.'),
      ],
    });
    assert.deepEqual(await session.turn(), done('All is done.'));
    assert.equal(await session.end(), 0);
    assert.deepEqual(session.api.unexpected, []);
    assert(!existsSync(file('src/a.ts')));
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
    const session = await start({
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
    const session = await start({
      turns: [run('cat missing.txt', 'toolu_1'), run('echo mended', 'toolu_2'), say('Mended.')],
    });
    assert.deepEqual(await session.turn(), done('Mended.'));
    const [first, second] = session.of('tool-result');
    assert.equal(first?.outcome, 'failed');
    assert.match(first.text, /No such file/);
    assert.deepEqual([second?.outcome, second?.text], ['done', 'mended']);
  });

  it('uses several tools at once', async () => {
    const session = await start({
      turns: [
        turn([write('a', 'a', 'toolu_a'), run('echo b', 'toolu_b'), run('exit 3', 'toolu_c')]),
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
    const session = await start({
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
    const session = await start({
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
    const session = await start({
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
          turns: [turn([text('I look.'), run('sleep 0.3; echo found', 'toolu_look')]), say('I found it.')],
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

  it('takes a message in mid-turn with the next result of a tool', async () => {
    const session = await start({
      turns: [run('sleep 1; echo slept'), say('I walked on.')],
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
    const session = await start({
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
    const session = await start({
      turns: [say('One.')],
      replies: [{ to: 'second', turns: [say('Two.')] }],
    });
    assert.deepEqual(await session.turn(1), done('One.'));
    session.send('the second');
    assert.deepEqual(await session.turn(2), done('Two.'));
    assert.equal(await session.end(), 0);
  });

  it('ends a turn in the middle of a tool, and goes on when it is told more', async () => {
    const session = await start({
      turns: [turn([write('a.txt', 'a', 'toolu_w'), run('echo $$ > pid; exec sleep 60', 'toolu_s')])],
      replies: [{ to: 'go on', turns: [say('I go on.')] }],
    });
    await session.item('tool-result');
    await session.item('tool-call', ({ id }) => id === 'toolu_s');
    await eventually(() => existsSync(file('pid')));
    session.interrupt();
    session.interrupt();
    assert.equal((await session.turn()).outcome, 'interrupted');
    const outcomes = session.of('tool-result').map(({ id, outcome }) => [id, outcome]);
    assert.deepEqual(outcomes, [
      ['toolu_w', 'done'],
      ['toolu_s', 'interrupted'],
    ]);
    const pid = Number(readFileSync(file('pid'), 'utf8'));
    await eventually(() => !existsSync(`/proc/${String(pid)}`));
    session.send('go on');
    assert.deepEqual(await session.turn(2), done('I go on.'));
  });

  it('lets go of its questions when it is interrupted', async () => {
    const options = [
      { label: 'a', description: 'a' },
      { label: 'b', description: 'b' },
    ];
    const session = await start({
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
    const first = await start(script, { prompt: 'remember: green', instructions: 'Be brief, like a poem.' });
    await first.turn();
    const { conversation } = first;
    assert(conversation !== undefined);
    assert.match(JSON.stringify(first.api.bodies[0]), /like a poem/);
    await first.end();
    const second = await start(script, {
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

  it('takes instructions that are longer than an argument may be', async () => {
    const session = await start({ turns: [say('Yes.')] }, { instructions: `${'x'.repeat(200_000)} the end` });
    assert.deepEqual(await session.turn(), done('Yes.'));
    assert.match(JSON.stringify(session.api.bodies[0]), /the end/);
  });

  it('stops after as many answers as it may have', async () => {
    const session = await start({ turns: [run('echo 1'), run('echo 2'), run('echo 3')] }, { maxTurns: 2 });
    assert.deepEqual(await session.turn(), { outcome: 'turn-limit' });
    assert.equal(session.api.bodies.length, 2);
  });

  it('has the tools of the servers that it is given, and none that the workspace names', async () => {
    writeFileSync(
      file('.mcp.json'),
      JSON.stringify({ mcpServers: { wild: { command: 'touch', args: [file('wild')] } } }),
    );
    writeFileSync(join(folders.home, 'server.mjs'), TOOL_SERVER);
    const server = {
      command: process.execPath,
      args: [join(folders.home, 'server.mjs')],
      env: { SAYS: 'hum' },
    };
    const session = await start(
      { turns: [use('mcp__given__sing', {}), say('Sung.')] },
      { toolServers: { given: server } },
    );
    assert.deepEqual(await session.turn(), done('Sung.'));
    assert.match(session.of('tool-result')[0]?.text ?? '', /^hum/);
    assert(!existsSync(file('wild')));
  });

  it('speaks to the model alone, by its socket, whatever the workspace sets', async () => {
    const settings = {
      env: {
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
        CLAUDE_CODE_USE_BEDROCK: '1',
        ANTHROPIC_UNIX_SOCKET: '/no',
      },
    };
    writeFileSync(file('CLAUDE.md'), 'This project is about turnips.');
    mkdirSync(file('.claude'));
    writeFileSync(file('.claude/settings.json'), JSON.stringify(settings));
    const session = await start({ turns: [say('Yes.')] }, { model: 'claude-sonnet-4-5' });
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
    mkdirSync(file('.claude'));
    const settings = { permissions: { deny: ['Bash(rm:*)'] } };
    writeFileSync(file('.claude/settings.json'), JSON.stringify(settings));
    const session = await start({ turns: [run('rm -rf x', 'toolu_rm'), say('I may not.')] });
    assert.deepEqual(await session.turn(), done('I may not.'));
    assert.deepEqual(
      session.of('tool-result').map(({ id, outcome }) => [id, outcome]),
      [['toolu_rm', 'refused']],
    );
  });
});
