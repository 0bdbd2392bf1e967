import assert from 'node:assert/strict';
import { backendLogs, type LogLine, type LogsInput } from '../../../src/core/deploy/logs.ts';
import { AT_ONCE, withAccount } from '../../support/aws/deploying.ts';

const GROUP = '/offload/offload/runner';

describe('the logs of a backend', () => {
  const account = withAccount();
  let stop: AbortController;
  beforeEach(async () => {
    stop = new AbortController();
    await account().deploy();
    account().aws.account.calls.length = 0;
  });

  const read = (more: Partial<LogsInput> = {}): AsyncGenerator<LogLine, void, undefined> =>
    backendLogs({
      aws: account().clients,
      stack: 'offload',
      logs: ['runner'],
      since: 0,
      follow: false,
      signal: stop.signal,
      pace: AT_ONCE,
      ...more,
    });
  const write = (from: number, to: number, time: (i: number) => number): void => {
    for (let i = from; i < to; i++) account().aws.logs.write(GROUP, 's', `line ${String(i)}\n`, time(i));
  };
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, i) => `line ${String(from + i)}`);

  it('come as they are read, however many there are', async () => {
    const { aws } = account();
    aws.logs.pageSize = 10;
    write(0, 35, (i) => 1_000 + i);
    const lines: string[] = [];
    for await (const { text } of read()) {
      lines.push(text);
      if (lines.length === 10) assert.equal(aws.account.operations.length, 1, 'one page for ten lines');
    }
    assert.deepEqual(lines, numbers(0, 35));
  });

  it('are followed, each line once, also where it comes late', async () => {
    const { aws } = account();
    aws.logs.pageSize = 10;
    // A minute in which lines come that are looked at again, and many that are not.
    write(0, 60, (i) => 1_000_000 + i * 1_000);
    const lines: string[] = [];
    for await (const { text } of read({ follow: true })) {
      lines.push(text);
      if (lines.length === 60) write(60, 75, (i) => 1_000_000 + (i - 8) * 1_000);
      if (lines.length === 75) break;
    }
    assert.deepEqual(lines, numbers(0, 75));
  });

  it('that are not there are told with what to do', async () => {
    const { aws } = account();
    aws.logs.groups.clear();
    await assert.rejects(read().next(), { code: 'no-backend', fix: /offload status/ });
  });

  it('that may not be read are told with the policy that it takes', async () => {
    account().aws.account.policy = { Version: '2012-10-17', Statement: [] };
    await assert.rejects(read().next(), { code: 'no-permission', fix: /"offload policy use"/ });
  });
});
