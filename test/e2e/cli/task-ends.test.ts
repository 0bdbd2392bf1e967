import assert from 'node:assert/strict';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installCli, type Installation } from '../../support/cli/installation.ts';
import { listedRuns } from '../../support/cli/listed-runs.ts';
import { start } from '../../support/cli/started.ts';
import { unknownModel, wrongKey } from '../../support/messages-api/failure.ts';
import { say, text, turn, use } from '../../support/messages-api/turn.ts';
import { boxProcesses } from '../../support/target/processes.ts';
import { idIn, KEY, taskCli } from './task-cli.ts';

const write = (path: string, content: string) => use('Write', { file_path: `/workspace/${path}`, content });
const bash = (command: string) => use('Bash', { command, description: 'waits' });
const LONG = turn([text('I wait.'), write('made', 'so far'), bash('sleep 600 # waits')]);

describe('a task of offload ends', () => {
  const task = taskCli();

  it('with 3 when it has had its turns, or its budget, and keeps what it did', async () => {
    await task.answers([write('one', '1'), write('two', '2'), write('three', '3'), say('Done.')]);
    const turns = await task.run(['task', '--max-turns', '2', 'Go']);
    assert.equal(turns.code, 3, turns.stderr);
    assert.match(turns.stderr, /turns/);
    assert.match(turns.stderr, /^offload: \+ one /m);
    const tokens = await task.run(['task', '--max-tokens', '1', 'Go']);
    assert.equal(tokens.code, 3, tokens.stderr);
  });

  it('with 124 when its time is up, and keeps what it did', async () => {
    await task.answers([LONG]);
    const { code, stderr } = await task.run(['task', '--timeout', '6', 'Go']);
    assert.equal(code, 124, stderr);
    assert.match(stderr, /^offload: \+ made \(6 bytes\)$/m);
    assert.deepEqual(await boxProcesses(task.cli.folder), []);
  });

  it('with 130 when its agent is stopped, which keeps what it did and checks nothing', async () => {
    await task.answers([LONG, say('Stopped.')]);
    const run = task.start(['task', '--check', 'cat made', 'Go']);
    await run.shown('I wait.');
    await until(run.child.stderr, 'waits');
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.doesNotMatch(stderr, /verified/);
    assert.match(stderr, /^offload: \+ made \(6 bytes\)$/m);
    assert.equal((await listedRuns(task.cli))[0]?.state, 'completed');
  });

  it('with 130 when it is asked to end, and leaves no process', async () => {
    await task.answers([LONG]);
    const run = task.start(['task', 'Go']);
    await run.shown('I wait.');
    run.child.kill('SIGTERM');
    const { code, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^offload: cancelled$/m);
    assert.equal((await listedRuns(task.cli))[0]?.state, 'cancelled');
    assert.deepEqual(await boxProcesses(task.cli.folder), []);
  });

  it('with 1 and the reason when the model does not let it in, or is none', async () => {
    await task.answers([wrongKey()]);
    const key = await task.run(['task', 'Go']);
    assert.equal(key.code, 1, key.stderr);
    assert.match(key.stderr, /^offload: .*key/m);
    await task.model.close();
    await task.answers([unknownModel('nothing')]);
    const model = await task.run(['task', '--model', 'nothing', 'Go']);
    assert.equal(model.code, 1, model.stderr);
    assert.match(model.stderr, /nothing/);
  });
});

describe('a task of offload meets', () => {
  const task = taskCli();

  it('a model that cannot be reached, says so, and has an end', async () => {
    await task.answers([]);
    await task.model.close();
    const { code, stderr } = await task.run(['task', 'Go']);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^offload: The model at 127\.0\.0\.1:\d+ cannot be reached: .*network/m);
    assert.equal((await listedRuns(task.cli))[0]?.state, 'failed');
  });

  it('files that have changed meanwhile, and leaves them as they are', async () => {
    await task.answers([
      bash('echo agent > mine; echo agent > gone; echo agent > other'),
      turn([text('I wait.'), bash('sleep 600 # waits')]),
    ]);
    for (const path of ['mine', 'gone', 'other']) task.put(path, 'before\n');
    const run = task.start(['task', '--workspace', task.root, '--apply', 'Go']);
    await run.shown('I wait.');
    task.put('mine', 'user\n');
    rmSync(join(task.root, 'gone'));
    run.child.kill('SIGINT');
    const { code, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /^offload: mine was not applied: .*has changed in the workspace/m);
    assert.match(stderr, /^offload: gone was not applied: /m);
    assert.match(stderr, /^offload: applied 1 of 3 to /m);
    assert.deepEqual(['mine', 'gone', 'other'].map(task.text), ['user\n', undefined, 'agent\n']);
  });

  it('a file that cannot be read, which stays and is named', async () => {
    await task.answers([bash('ls -a; true'), say('Done.')]);
    for (const path of ['closed', 'open']) task.put(path, 'x');
    chmodSync(join(task.root, 'closed'), 0);
    // The backend is there by now: it keeps what rights it has.
    assert.equal((await task.cli.run(['runs'])).code, 0);
    const program = process.env['OFFLOAD_TEST_CLAUDE'] ?? '';
    const args = ['task', '--agent-program', program, '--workspace', task.root, 'Go'];
    // Root may read everything, unless it has given that up.
    const lacking = ['--bounding-set', '-dac_override,-dac_read_search'];
    const [first = '', ...rest] = [
      ...(process.getuid?.() === 0 ? ['setpriv', ...lacking] : []),
      process.execPath,
      task.cli.cli,
      ...args,
    ];
    const { code, stderr } = await start(first, rest, { env: task.cli.env, cwd: task.cli.work }).ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^offload: sends 1 file /m);
    assert.match(stderr, /^offload: {3}left out: closed cannot be read \(EACCES\)$/m);
    assert.doesNotMatch(JSON.stringify(task.model.bodies.at(-1)?.messages.at(-1)), /closed/);
  });
});

describe('offload reply', () => {
  const task = taskCli();

  it('goes on with the conversation and the files of a task that has ended', async () => {
    await task.answers([write('made', 'one'), say('First.')], {
      replies: [{ to: 'And more', turns: [bash('cat made; echo -n two > more'), say('Second.')] }],
    });
    const first = await task.run(['task', 'Begin']);
    assert.equal(first.code, 0, first.stderr);
    const { code, stdout, stderr } = await task.run(['reply', idIn(first), 'And more']);
    assert.deepEqual([code, stdout], [0, 'Second.\n'], stderr);
    const sent = JSON.stringify(task.model.bodies.at(-1)?.messages);
    assert.match(sent, /Begin[^]*First\.[^]*And more[^]*one/);
    assert.match(stderr, /^offload: \+ more \(3 bytes\)$/m);
    assert.notEqual(idIn({ code, stdout, stderr, bytes: Buffer.alloc(0) }), idIn(first));
  });

  it('brings along what the user has changed since', async () => {
    await task.answers([write('made', 'agent'), say('First.')], {
      replies: [{ to: 'And more', turns: [bash('cat mine'), say('Second.')] }],
    });
    task.put('mine', 'before');
    const first = await task.run(['task', '--workspace', task.root, '--apply', 'Begin']);
    assert.equal(first.code, 0, first.stderr);
    task.put('mine', 'after');
    const second = await task.run(['reply', '--workspace', task.root, '--apply', idIn(first), 'And more']);
    assert.equal(second.code, 0, second.stderr);
    assert.match(JSON.stringify(task.model.bodies.at(-1)?.messages.at(-1)), /after/);
    assert.deepEqual([task.text('mine'), task.text('made')], ['after', 'agent']);
  });

  it('tells the agent of a task that goes on', async () => {
    await task.answers(
      [turn([text('I wait.'), bash('while [ ! -e go ]; do sleep 0.1; done')]), say('First.')],
      {
        replies: [{ to: 'And more', turns: [say('Second.')] }],
      },
    );
    const run = task.start(['task', '--json', 'Begin']);
    await run.shown('"tool-call"');
    const [id = ''] = (await listedRuns(task.cli)).map(({ runId }) => runId);
    const told = await task.run(['reply', id, 'And more']);
    assert.deepEqual([told.code, told.stdout], [0, ''], told.stderr);
    assert.match(told.stderr, /told; "offload attach r_/);
    await run.shown('"kind":"message","id":');
    run.child.kill('SIGINT');
    const { stdout } = await run.ended;
    assert.match(stdout, /Second\./);
  });

  it('refuses what is no task', async () => {
    await task.answers([say('Done.')]);
    const file = task.cli.file('a.py', 'print(1)');
    assert.equal((await task.cli.run(['run', file])).code, 0);
    const [program = ''] = (await listedRuns(task.cli)).map(({ runId }) => runId);
    const ended = await task.run(['task', 'Go']);
    const cases: [args: string[], why: RegExp][] = [
      [[program, 'x'], /is a program/],
      [[`r_${'0'.repeat(32)}`, 'x'], /no run/],
      [['nothing', 'x'], /not the id/],
      [[idIn(ended)], /one prompt/],
      [['--now', idIn(ended), 'x'], /--now .*has ended/],
    ];
    for (const [args, why] of cases) {
      const { code, stdout, stderr } = await task.run(['reply', ...args]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, why);
    }
  });
});

describe('offload task refuses', () => {
  let installed: Installation;
  before(() => {
    installed = installCli();
    installed.file('dir/a', 'a');
    installed.file('mcp.json', '{"mcpServers":{"a":{"type":"http","url":"http://x"}}}');
    installed.file('key', KEY);
    // It is found, and never started.
    installed.file('bin/claude', 'a program');
    chmodSync(join(installed.work, 'bin/claude'), 0o755);
    installed.env['PATH'] = [join(installed.work, 'bin'), installed.env['PATH']].join(delimiter);
    chmodSync(join(installed.work, 'key'), 0o644);
    writeFileSync(join(installed.work, 'big'), Buffer.alloc(5 * 2 ** 20, 'x'));
  });
  after(() => installed.remove());

  const withKey = { ANTHROPIC_API_KEY: KEY };
  const cases: [name: string, args: string[], why: RegExp, env?: object][] = [
    ['no prompt', [], /one prompt/],
    ['two prompts', ['a', 'b'], /one prompt/],
    ['an empty prompt', [' '], /prompt is empty/],
    ['an unknown option', ['--bogus', 'x'], /'--bogus'/],
    ['a budget that is none', ['--budget', '-1', 'x'], /--budget/],
    ['a budget of nothing', ['--budget', '0', 'x'], /--budget takes.*"0"/],
    ['turns that are none', ['--max-turns', '0', 'x'], /--max-turns/],
    ['a timeout that is none', ['--timeout', 'soon', 'x'], /--timeout/],
    ['a network that is none', ['--network', 'half', 'x'], /--network takes closed, open, or hosts/],
    ['two ways for the results', ['--patch', 'p', '--out', 'o', 'x'], /one of --apply, --patch and --out/],
    ['to apply to nothing', ['--apply', 'x'], /--workspace/],
    ['a workspace that is not there', ['--workspace', 'none', 'x'], /folder .*none cannot be opened/],
    ['a workspace that is a file', ['--workspace', 'dir/a', 'x'], /dir\/a/],
    ['a secret that is not there', ['--workspace', 'dir', '--include-secrets', 'b', 'x'], /"b" is none/],
    ['tool servers that cannot be', ['--mcp-config', 'mcp.json', 'x'], /"a" is no command/],
    ['tool servers that are not there', ['--mcp-config', 'none', 'x'], /none cannot be read/],
    ['a program that is none', ['--agent-program', 'dir', 'x'], /dir is not a program/],
    ['an agent that is none', ['--agent', 'nobody', 'x'], /nobody/],
    [
      'an agent that is not there',
      ['--agent', 'claude-code', '--workspace', 'dir', 'x'],
      /^offload: Claude Code is not on PATH\..*--agent-program/,
      { ...withKey, PATH: '/nowhere' },
    ],
    ['a patch that cannot be written', ['--patch', 'none/p', 'x'], /none\/p cannot be written/],
    ['no key', ['x'], /no key.*ANTHROPIC_API_KEY/, {}],
    [
      'a key file that others can read',
      ['x'],
      /key file key.*mode 644.*chmod 600/,
      { OFFLOAD_KEY_FILE: 'key' },
    ],
    ['a key that is none', ['x'], /ANTHROPIC_API_KEY is set to/, { ANTHROPIC_API_KEY: 'a b' }],
  ];
  for (const [name, args, why, env = withKey] of cases) {
    it(name, async () => {
      const before = { ...installed.env };
      Object.assign(installed.env, env);
      try {
        const { code, stdout, stderr } = await installed.run(['task', ...args]);
        assert.deepEqual([code, stdout], [2, ''], stderr);
        assert.match(stderr, why);
        assert(!stderr.includes(KEY));
      } finally {
        const unset = Object.fromEntries(Object.keys(env).map((each) => [each, undefined]));
        Object.assign(installed.env, unset, before);
      }
    });
  }

  it('a prompt of 5 MB, before anything is sent', async () => {
    Object.assign(installed.env, withKey);
    const { code, stderr } = await installed.run(['task', '-'], { input: Buffer.alloc(5 * 2 ** 20, 'x') });
    assert.deepEqual([code, stderr.includes('1 MB can be sent')], [2, true], stderr);
    assert.deepEqual(await listedRuns(installed), []);
  });
});

/** Resolves when a stream has held a text. */
function until(stream: NodeJS.ReadableStream | null, words: string): Promise<void> {
  let text = '';
  return new Promise((resolve) => {
    stream?.on('data', (part: Buffer) => {
      text += part.toString();
      if (text.includes(words)) resolve();
    });
  });
}
