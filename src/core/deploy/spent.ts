import { asAwsError, forUse, isAwsError } from '../aws/aws-error.ts';
import type { AwsClients } from '../aws/clients.ts';
import { dollars, PRICES, type Architecture } from './prices.ts';
import { until } from './work.ts';

/** What the functions of a backend have cost since a time, as far as their logs are kept. */
export interface Spent {
  /** Calls of the runner: about one for each run. */
  runs: number;
  /** US dollars for the time of both functions. The model, the image and the store are not in it. */
  usd: number;
  /** Milliseconds since 1970: what is older is no longer in the logs, or was not asked for. */
  since: number;
  /** Whether there was more than was read. */
  atLeast: boolean;
}

const DAY_MS = 86_400_000;
/** Days that are added up. */
const SPENT_DAYS = 30;

/** From when on costs are added up: the beginning of a day in UTC. Milliseconds since 1970. */
export const spentSince = (now = Date.now()): number => (Math.floor(now / DAY_MS) - SPENT_DAYS) * DAY_MS;

/** The sum in words, without what the model costs. */
export function spentWords({ atLeast, usd, runs }: Spent): string {
  const calls = `${String(runs)} ${runs === 1 ? 'call' : 'calls'} of the runner`;
  return `${atLeast ? 'at least' : 'about'} ${dollars(usd)} for ${calls} in ${String(SPENT_DAYS)} days, as far as logs are kept`;
}

export interface SpentInput {
  aws: AwsClients;
  stack: string;
  architecture: Architecture;
  /** Milliseconds since 1970. */
  since: number;
  signal?: AbortSignal;
}

/** Answers of CloudWatch Logs that are read for each function, of up to 10,000 lines each. */
const MAX_PAGES = 20;

/** Lambda's own line at the end of each call: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html */
const REPORT = /^REPORT RequestId: \S+\s.*?\bBilled Duration: (\d+) ms\s+Memory Size: (\d+) MB/;

/** Adds up what Lambda itself wrote to the logs about each call. @throws OffloadError in words for what AWS refuses */
export async function spentSoFar(input: SpentInput): Promise<Spent> {
  const { aws, stack, architecture, since, signal = new AbortController().signal } = input;
  const sum: Spent = { runs: 0, usd: 0, since, atLeast: false };
  const { FilterLogEventsCommand } = await import('../aws/sdk/logs.ts');
  const client = await aws.logs();
  try {
    for (const log of ['runner', 'control'] as const) {
      let nextToken: string | undefined;
      for (let page = 1; ; page++) {
        const command = new FilterLogEventsCommand({
          logGroupName: `/offload/${stack}/${log}`,
          startTime: since,
          filterPattern: '"REPORT RequestId"',
          ...(nextToken === undefined ? {} : { nextToken }),
        });
        const answer = await client.send(command, until({ signal }));
        for (const { message = '' } of answer.events ?? []) {
          const [, milliseconds, megabytes] = REPORT.exec(message) ?? [];
          if (milliseconds === undefined) continue;
          if (log === 'runner') sum.runs++;
          const gigabyteSeconds = (Number(milliseconds) / 1000) * (Number(megabytes) / 1024);
          sum.usd += gigabyteSeconds * PRICES.lambdaGbSecond[architecture];
        }
        nextToken = answer.nextToken;
        if (nextToken === undefined) break;
        if (page >= MAX_PAGES) {
          sum.atLeast = true;
          break;
        }
      }
    }
    return sum;
  } catch (error) {
    signal.throwIfAborted();
    // Nothing was deployed yet, so nothing was spent.
    if (isAwsError(error, 'ResourceNotFoundException')) return sum;
    throw asAwsError(error, forUse(aws));
  }
}
