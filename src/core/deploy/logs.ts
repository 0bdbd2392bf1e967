import { asAwsError, forUse, isAwsError } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { pauses, until, type Pace } from './work.ts';
import { OffloadError } from '../../protocol/error.ts';

export const LOGS = ['control', 'runner', 'build'] as const;
export type LogName = (typeof LOGS)[number];

/** A line of a log. Its text is from outside. */
export interface LogLine {
  log: LogName;
  /** Milliseconds since 1970. */
  time: number;
  text: string;
}

export interface LogsInput {
  aws: AwsClients;
  stack: string;
  logs: readonly LogName[];
  /** Milliseconds since 1970. */
  since: number;
  /** Whether to go on as lines come, until the signal. */
  follow: boolean;
  signal: AbortSignal;
  pace?: Pace;
}

/** A log's lines come a little out of order: this much is looked at again. Milliseconds. */
const OVERLAP = 10_000;

/** The lines of a backend's logs, in the order of their times as far as they came together. */
export async function* backendLogs(input: LogsInput): AsyncGenerator<LogLine, void, undefined> {
  const { aws, logs, follow, signal, pace = { first: 1000, most: 3000 } } = input;
  const pause = pauses({ pace, signal });
  const readers = logs.map((log) => new LogReader(input, log));
  try {
    for (;;) {
      const lines = (await Promise.all(readers.map((reader) => reader.next()))).flat();
      yield* lines.sort((a, b) => a.time - b.time);
      if (!follow) return;
      await pause();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asAwsError(error, forUse(aws));
  }
}

class LogReader {
  readonly #input: LogsInput;
  readonly #log: LogName;
  #from: number;
  #seen = new Set<string>();

  constructor(input: LogsInput, log: LogName) {
    this.#input = input;
    this.#log = log;
    this.#from = input.since;
  }

  /** What came since the last look. */
  async next(): Promise<LogLine[]> {
    const { FilterLogEventsCommand } = await import('../aws/sdk/logs.ts');
    const { aws, stack, signal } = this.#input;
    const client = await aws.logs();
    const lines: LogLine[] = [];
    const looked = new Set<string>();
    let nextToken: string | undefined;
    do {
      const page = await client
        .send(
          new FilterLogEventsCommand({
            logGroupName: `/offload/${stack}/${this.#log}`,
            startTime: this.#from,
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
          until({ signal }),
        )
        .catch((error: unknown) => {
          throw isAwsError(error, 'ResourceNotFoundException') ? noLog(stack, this.#log, error) : error;
        });
      for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? []) {
        looked.add(eventId);
        if (!this.#seen.has(eventId))
          lines.push({ log: this.#log, time: timestamp, text: message.replace(/\r?\n$/, '') });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    this.#seen = looked;
    const latest = lines.reduce((time, line) => Math.max(time, line.time), 0);
    this.#from = Math.max(this.#from, latest - OVERLAP);
    return lines;
  }
}

const noLog = (stack: string, log: LogName, cause: unknown): OffloadError =>
  new OffloadError('no-backend', `The backend ${stack} has no log ${log}.`, {
    fix: 'See "offload status" whether it is deployed.',
    cause,
  });
