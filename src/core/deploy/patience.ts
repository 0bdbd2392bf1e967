import { asOffloadError } from '../../protocol/error.ts';
import { asAwsError } from '../aws/aws-error.ts';
import type { Step } from './steps.ts';
import { pauses, type Work } from './work.ts';

/** How long what goes on in AWS is followed without an answer. Milliseconds. */
const PATIENCE = 120_000;

/**
 * Asks AWS how something goes that goes on without us: a network that is gone for a while, or AWS's "not so often", is borne
 * for two minutes. Only for calls that change nothing.
 * @throws what AWS refuses else; the signal's reason
 */
export function patiently(work: Work, step: Step): <T>(ask: () => Promise<T>) => Promise<T> {
  return async (ask) => {
    const pause = pauses(work);
    const begun = Date.now();
    let waited = false;
    for (;;) {
      try {
        const answer = await ask();
        if (waited) step.detail('AWS answers again');
        return answer;
      } catch (error) {
        work.signal.throwIfAborted();
        const { code } = asOffloadError(asAwsError(error, work.aws));
        const passes = code === 'aws-unreachable' || code === 'busy';
        if (!passes || Date.now() - begun >= (work.pace.patience ?? PATIENCE)) throw error;
        waited = true;
        step.detail(
          code === 'busy'
            ? 'AWS takes no more calls just now; asks again'
            : 'AWS cannot be reached; asks again. What is under way goes on there',
        );
      }
      await pause();
    }
  };
}
