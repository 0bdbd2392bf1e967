import assert from 'node:assert/strict';
import { answerBuffered, isBufferedTask } from '../../../backend/src/tasks/buffered-task.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';

const HOW = { agent: 'claude-code', network: 'closed' } as const;
const usage = { wallMs: 1, outputBytes: 0 };

/** Frames of events, several to a chunk, as a journal gives them. */
async function* frames(events: object[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  const lines = events.map((event, i) => encodeFrame({ seq: i + 1, time: 0, ...event }));
  for (let at = 0; at < lines.length; at += 2) yield Buffer.from(lines.slice(at, at + 2).join(''));
}

const agent = (item: object, parent?: string): object => ({ type: 'agent', item, parent });
const text = (delta: string): object => ({ kind: 'text', id: 't', delta });

describe('a task in one request and one answer', () => {
  it('is told from requests of the protocol', () => {
    assert.equal(isBufferedTask({ task: 'x' }), true);
    assert.equal(isBufferedTask({ task: 'x', kind: 'run' }), false);
    for (const other of [undefined, null, 'task', 1, {}]) assert.equal(isBufferedTask(other), false);
  });

  it('answers with what the agent said at last, and what came of its programs', async () => {
    let asked: TaskRequest | undefined;
    const answer = await answerBuffered({ task: 'write it', execute: true }, HOW, (request) => {
      asked = request;
      return frames([
        { type: 'phase', phase: 'queued', runId: request.runId },
        agent(text('first')),
        agent({ kind: 'tool-result', id: 'u', outcome: 'done', text: '' }),
        agent(text('of a sub-agent'), 'u'),
        agent(text('It is ')),
        agent(text('done.')),
        { type: 'output', stream: 'stdout', text: 'out\n', program: 'a.py' },
        { type: 'output', stream: 'stderr', text: 'err\n', program: 'a.py' },
        { type: 'execution', path: 'a.py', language: 'python', exitCode: 3 },
        {
          type: 'execution',
          path: 'b.py',
          language: 'python',
          error: { code: 'timeout', message: 'It ran too long.' },
        },
        { type: 'completed', usage },
      ]);
    });
    assert.partialDeepStrictEqual(asked, {
      kind: 'task',
      prompt: 'write it',
      execute: true,
      ...{ network: 'closed' },
    });
    assert.deepEqual(answer, {
      statusCode: 200,
      body: {
        claude_output: 'It is done.',
        claude_error: '',
        return_code: 0,
        execution_results: [
          { file: 'a.py', stdout: 'out\n', stderr: 'err\n', return_code: 3 },
          { file: 'b.py', stdout: '', stderr: 'It ran too long.', return_code: 1 },
        ],
      },
    });
  });

  it('answers with what went wrong, and keeps what was said', async () => {
    const failed = await answerBuffered({ task: 'x' }, HOW, () =>
      frames([
        agent(text('I begin')),
        { type: 'failed', usage, error: { code: 'budget-reached', message: 'No money.', fix: 'Get some.' } },
      ]),
    );
    assert.deepEqual([failed.statusCode, failed.body.return_code], [402, 1]);
    assert.deepEqual(
      [failed.body.claude_output, failed.body.claude_error],
      ['I begin', 'No money. Get some.'],
    );
    const thrown = await answerBuffered({ task: 'x' }, HOW, () => {
      throw new OffloadError('no-access', 'There is no key.');
    });
    assert.deepEqual([thrown.statusCode, thrown.body.claude_error], [424, 'There is no key.']);
    const cut = await answerBuffered({ task: 'x' }, HOW, () => frames([agent(text('I begin'))]));
    assert.equal(cut.body.return_code, 1);
  });

  it('refuses what is no task', async () => {
    for (const event of [{ task: '' }, { task: 5 }, { task: 'x', execute: 'yes' }]) {
      const answer = await answerBuffered(event, HOW, () => assert.fail('nothing is carried out'));
      assert.equal(answer.statusCode, 400);
      assert.match(answer.body.claude_error, /task|execute/);
    }
  });
});
