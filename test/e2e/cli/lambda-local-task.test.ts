import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { wrongKey } from '../../support/messages-api/failure.ts';
import { say, text, turn, use } from '../../support/messages-api/turn.ts';
import { skip } from '../../support/reporting/skip.ts';
import type { Started } from '../../support/cli/started.ts';
import { KEY, taskCli } from './task-cli.ts';

const run = promisify(execFile);
const write = (path: string, content: string) => use('Write', { file_path: `/workspace/${path}`, content });

interface Answer {
  statusCode: number;
  body: {
    claude_output: string;
    claude_error: string;
    return_code: number;
    execution_results: { file: string; stdout: string; stderr: string; return_code: number }[];
  };
}

describe('offload lambda-local with a task', () => {
  const task = taskCli();
  let served: Started | undefined;
  let url = '';

  beforeEach(function () {
    if (spawnSync('curl', ['--version']).status !== 0) skip(this, 'curl is not installed');
  });
  afterEach(async () => {
    served?.child.kill('SIGINT');
    await served?.ended;
    served = undefined;
  });

  /** Serves with the model of the test. */
  async function serve(): Promise<void> {
    served = task.start(['lambda-local', '--port', '0']);
    url = '';
    served.child.stdout?.on('data', (part: Buffer) => (url += part.toString()));
    await served.shown('/invocations\n');
  }

  /** Posts a request as people do. */
  async function post(request: object): Promise<string> {
    const args = ['-sS', '--noproxy', '*', '-XPOST', url.trim(), '-d', JSON.stringify(request)];
    const { stdout } = await run('curl', args, { env: { PATH: process.env['PATH'] } });
    assert(!stdout.includes(KEY));
    return stdout;
  }

  async function ask(request: object): Promise<Answer> {
    await serve();
    return JSON.parse(await post(request)) as Answer;
  }

  it('gives what the agent said, and what the programs that it wrote did', async () => {
    await task.answers([
      turn([
        text('I write two.'),
        write('hello.py', 'print("hello")\n'),
        write('oh.sh', 'echo oh >&2; exit 3\n'),
      ]),
      say('Both are there.'),
    ]);
    assert.deepEqual(await ask({ task: 'Write two programs.', execute: true }), {
      statusCode: 200,
      body: {
        claude_output: 'Both are there.',
        claude_error: '',
        return_code: 0,
        execution_results: [
          { file: 'hello.py', stdout: 'hello\n', stderr: '', return_code: 0 },
          { file: 'oh.sh', stdout: '', stderr: 'oh\n', return_code: 3 },
        ],
      },
    });
    assert.match(JSON.stringify(task.model.bodies[0]?.messages), /Write two programs\./);
  });

  it('runs nothing when that is not asked', async () => {
    await task.answers([write('hello.py', 'print("hello")\n'), say('There.')]);
    const { body } = await ask({ task: 'Write a program.' });
    assert.deepEqual([body.claude_output, body.return_code, body.execution_results], ['There.', 0, []]);
  });

  it('does one on the files that it was sent, and gives what it made of them', async () => {
    await task.answers([
      turn([use('Bash', { command: 'cat given.txt; cp given.txt made.txt', description: 'Copy' })]),
      say('Copied.'),
    ]);
    await serve();
    const part = (content: string) => {
      const hash = createHash('sha256').update(content).digest('hex');
      return { hash, offset: 0, base64: Buffer.from(content).toString('base64'), last: true };
    };
    const given = part('given to it');
    const entry = { kind: 'file', path: 'given.txt', mode: 0o644, size: 11, hash: given.hash };
    const tree = part(JSON.stringify({ format: 1, entries: [entry] }));
    const hashes = [given.hash, tree.hash];
    assert.deepEqual(JSON.parse(await post({ kind: 'missing', version: 1, hashes })), {
      type: 'missing',
      hashes,
    });
    assert.match(await post({ kind: 'put', version: 1, parts: [given, tree] }), /"done"/);
    const runId = `r_${'1'.repeat(32)}`;
    const events = await post({
      ...{ kind: 'task', version: 1, runId, title: 'copy', prompt: 'Copy it.', snapshot: tree.hash },
      ...{ agent: { id: 'claude-code' }, budget: {}, limits: {}, network: 'closed', execute: false },
    });
    const change = events
      .split('\n')
      .filter((line) => line.includes('"type":"change"'))
      .map((line) => JSON.parse(line) as { path: string; hash: string });
    assert.deepEqual(
      change.map(({ path, hash }) => [path, hash]),
      [['made.txt', given.hash]],
      events,
    );
    assert.match(events, /"type":"completed"/);
    assert.match(events, /given to it/);
  });

  it('says what is wrong', async () => {
    await task.answers([wrongKey()]);
    const { statusCode, body } = await ask({ task: 'Write a program.', execute: true });
    assert.deepEqual([body.return_code, body.execution_results], [1, []]);
    assert(statusCode >= 400, String(statusCode));
    assert.match(body.claude_error, /key/);
  });

  it('says what is wrong with a request', async () => {
    await task.answers([]);
    const { statusCode, body } = await ask({ task: 7 });
    assert.deepEqual([statusCode, body.return_code], [400, 1]);
    assert.match(body.claude_error, /task/);
  });
});
