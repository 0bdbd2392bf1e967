import * as client from '@aws-sdk/client-cloudwatch-logs';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { jsonWire } from './json.ts';
import type { Service } from './service.ts';

interface Line {
  stream: string;
  timestamp: number;
  message: string;
}

/** Amazon CloudWatch Logs: groups of lines. */
export class Logs implements Service {
  readonly name = 'logs';
  readonly wire = jsonWire(client, 'Logs_20140328');
  readonly groups = new Map<string, Line[]>();
  /** How many lines an answer gives at once. */
  pageSize = 10_000;
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  write(group: string, stream: string, message: string, timestamp = Date.now()): void {
    this.#group(group).push({ stream, timestamp, message });
  }

  readonly operations = {
    GetLogEvents: (input: client.GetLogEventsCommandInput) => {
      const { logGroupName = '', logStreamName, nextToken } = input;
      this.#may('logs:GetLogEvents', `${logGroupName}:log-stream:${String(logStreamName)}`);
      const lines = this.#group(logGroupName).filter(({ stream }) => stream === logStreamName);
      if (lines.length === 0)
        throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
      const from = nextToken === undefined ? 0 : Number(nextToken.slice(2));
      const some = lines.slice(from, from + this.pageSize);
      return {
        events: some.map(({ timestamp, message }) => ({ timestamp, message })),
        nextForwardToken: `f/${String(from + some.length)}`,
      };
    },
    FilterLogEvents: (input: client.FilterLogEventsCommandInput) => {
      const { logGroupName = '', startTime = 0, nextToken } = input;
      this.#may('logs:FilterLogEvents', `${logGroupName}:*`);
      const lines = this.#group(logGroupName)
        .map((line, i) => ({ ...line, eventId: `${logGroupName}-${String(i)}` }))
        .filter(({ timestamp }) => timestamp >= startTime);
      const from = Number(nextToken ?? 0);
      const some = lines.slice(from, from + this.pageSize);
      const more = from + some.length < lines.length;
      return {
        events: some.map(({ stream, ...rest }) => ({ ...rest, logStreamName: stream })),
        ...(more ? { nextToken: String(from + some.length) } : {}),
      };
    },
  };

  #group(name: string): Line[] {
    const group = this.groups.get(name);
    if (group === undefined)
      throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  #may(action: string, group: string): void {
    this.#account.use(action, this.#account.arn('logs', `log-group:${group}`));
  }
}
