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
      let reading = readers;
      while (reading.length > 0) {
        // A page of each at a time: a log may have more than there is room for.
        const pages = await Promise.all(reading.map((reader) => reader.page()));
        yield* pages.flat().sort((a, b) => a.time - b.time);
        reading = reading.filter((reader) => reader.hasMore);
      }
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
  #latest = 0;
  /** Lines that will be looked at again, and their times. */
  readonly #seen = new Map<string, number>();
  #nextToken: string | undefined;

  constructor(input: LogsInput, log: LogName) {
    this.#input = input;
    this.#log = log;
    this.#from = input.since;
  }

  /** Whether there were more lines than the last page had. */
  get hasMore(): boolean {
    return this.#nextToken !== undefined;
  }

  /** The next lines; after the last ones, what came since. */
  async page(): Promise<LogLine[]> {
    const { FilterLogEventsCommand } = await import('../aws/sdk/logs.ts');
    const { aws, stack, signal } = this.#input;
    const client = await aws.logs();
    const command = new FilterLogEventsCommand({
      logGroupName: `/offload/${stack}/${this.#log}`,
      startTime: this.#from,
      ...(this.#nextToken === undefined ? {} : { nextToken: this.#nextToken }),
    });
    const page = await client.send(command, until({ signal })).catch((error: unknown) => {
      throw isAwsError(error, 'ResourceNotFoundException') ? noLog(stack, this.#log, error) : error;
    });
    const lines: LogLine[] = [];
    for (const { eventId = '', timestamp = 0, message = '' } of page.events ?? []) {
      if (this.#seen.has(eventId)) continue;
      this.#seen.set(eventId, timestamp);
      this.#latest = Math.max(this.#latest, timestamp);
      lines.push({ log: this.#log, time: timestamp, text: message.replace(/\r?\n$/, '') });
    }
    this.#nextToken = page.nextToken;
    const again = Math.max(this.#from, this.#latest - OVERLAP);
    for (const [id, time] of this.#seen) if (time < again) this.#seen.delete(id);
    // A token goes with the time that it was asked for with.
    if (!this.hasMore) this.#from = again;
    return lines;
  }
}

const noLog = (stack: string, log: LogName, cause: unknown): OffloadError =>
  new OffloadError('no-backend', `The backend ${stack} has no log ${log}.`, {
    fix: 'See "offload status" whether it is deployed.',
    cause,
  });
