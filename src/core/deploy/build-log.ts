import type { Build } from '@aws-sdk/client-codebuild';
import { asOffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { Step } from './steps.ts';
import { until, type Work } from './work.ts';

/** Lines that are kept for what a failure tells. */
const KEPT_LINES = 200;

/** The log of a build, read on from where it was left. */
export class BuildLog {
  readonly #work: Work;
  readonly #step: Step;
  #next: string | undefined;
  #kept: string[] = [];
  /** Whether it was given up. */
  #givenUp = false;

  constructor(work: Work, step: Step) {
    this.#work = work;
    this.#step = step;
  }

  /** Tells the step what came. There is no log before the build begins. */
  async read({ logs }: Build): Promise<void> {
    const { groupName, streamName } = logs ?? {};
    if (this.#givenUp || groupName === undefined || streamName === undefined) return;
    const { GetLogEventsCommand } = await import('../aws/sdk/logs.ts');
    const client = await this.#work.aws.logs();
    for (;;) {
      const token = this.#next;
      const answer = await client
        .send(
          new GetLogEventsCommand({
            logGroupName: groupName,
            logStreamName: streamName,
            startFromHead: true,
            ...(token === undefined ? {} : { nextToken: token }),
          }),
          until(this.#work),
        )
        .catch((error: unknown) => {
          this.#unreadable(error);
        });
      if (answer === undefined) return;
      const lines = (answer.events ?? []).map(({ message = '' }) => message.replace(/\r?\n$/, ''));
      this.#step.log(lines);
      this.#kept = [...this.#kept, ...lines].slice(-KEPT_LINES);
      this.#next = answer.nextForwardToken;
      // The end is where the token stays the same; there may be pages with nothing on them before it (CloudWatch Logs API,
      // GetLogEvents).
      if (answer.nextForwardToken === undefined || answer.nextForwardToken === token) return;
    }
  }

  /** A build goes on without its log. What may be read later is asked for at the next look. */
  #unreadable(error: unknown): void {
    this.#work.signal.throwIfAborted();
    const said = asOffloadError(asAwsError(error, this.#work.aws));
    if (said.code !== 'no-permission') return;
    this.#givenUp = true;
    this.#step.log([`The log of the build cannot be read: ${said.message}`]);
  }

  tail(lines: number): string[] {
    return this.#kept.filter((line) => line.trim() !== '').slice(-lines);
  }
}
