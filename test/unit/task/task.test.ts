import assert from 'node:assert/strict';
import { taskRequest } from '../../../src/core/task/task.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import { requestSchema } from '../../../src/protocol/request.ts';

const agent = { id: 'claude' };
const refused =
  (code: string, what: RegExp) =>
  (error: OffloadError): boolean => {
    assert.equal(error.code, code);
    assert.match(error.message, what);
    return true;
  };

describe('the request of a task', () => {
  it('has what was asked, an id of its own, and nothing that was not', () => {
    const one = taskRequest({ prompt: 'Do it.', agent });
    const { runId, version, ...rest } = one;
    assert.match(runId, /^r_[0-9a-f]{32}$/);
    assert(version >= 1);
    assert.deepEqual(rest, {
      kind: 'task',
      title: 'Do it.',
      prompt: 'Do it.',
      agent,
      budget: {},
      limits: { wallSeconds: 3600, cpuSeconds: 3600 },
      network: 'closed',
      execute: false,
    });
    assert.notEqual(taskRequest({ prompt: 'Do it.', agent }).runId, runId);
    const all = taskRequest({
      prompt: 'x',
      agent: { id: 'claude', program: '/usr/bin/claude', args: ['-v'] },
      model: 'm',
      access: { provider: 'messages', key: 'k' },
      instructions: ['be brief', ' \n', 'be kind'],
      snapshot: 'a'.repeat(64),
      budget: { usd: 1, tokens: 2, turns: 3 },
      limits: { wallSeconds: 5 },
      network: 'open',
      toolServers: { one: { command: 'c', args: [], env: {} } },
      check: 'make test',
      execute: true,
      resume: runId,
      title: 'T',
    });
    assert.deepEqual(requestSchema.parse(all), all);
    assert.deepEqual(
      [all.instructions, all.limits, all.title],
      ['be brief\n\nbe kind', { wallSeconds: 5, cpuSeconds: 3600 }, 'T'],
    );
  });

  it('is named for the first line of the prompt that says something', () => {
    const title = (prompt: string): string => taskRequest({ prompt, agent }).title;
    assert.equal(title('\n \r\n  Mend the test \r\nAnd more.'), 'Mend the test');
    assert.equal(title('x'.repeat(500)), 'x'.repeat(200));
    assert.equal(title('x'.repeat(199) + '😀'), 'x'.repeat(199));
  });

  it('is refused where there is nothing to do, or too much to read', () => {
    assert.throws(() => taskRequest({ prompt: ' \n', agent }), refused('bad-request', /prompt is empty/));
    const long = 'é'.repeat(2.5 * 2 ** 20);
    assert.throws(
      () => taskRequest({ prompt: long, agent }),
      refused('too-large', /prompt takes 5 MB; 1 MB/),
    );
    assert.throws(
      () => taskRequest({ prompt: 'x', agent, instructions: [long] }),
      refused('too-large', /instructions take/),
    );
    assert.equal(taskRequest({ prompt: 'x'.repeat(2 ** 20), agent }).prompt.length, 2 ** 20);
  });

  it('is refused with the name of what is wrong, and without what it holds', () => {
    const wrong = { prompt: 'x', agent, access: { provider: 'messages', key: 'secret key' } } as const;
    assert.throws(
      () => taskRequest(wrong),
      (error: OffloadError) =>
        refused('bad-request', /access\.key/)(error) && !error.message.includes('secret'),
    );
    assert.throws(
      () => taskRequest({ prompt: 'x', agent, budget: { usd: -1 } }),
      refused('bad-request', /budget\.usd/),
    );
  });
});
