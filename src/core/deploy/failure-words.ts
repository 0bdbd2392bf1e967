import { OffloadError } from '../../protocol/error.ts';
import { missingPermission } from '../aws/missing-permission.ts';

/** What the services say of a limit, each in its own words. */
const LIMIT =
  /\b(limit|quota)s?\b|LimitExceeded|less than or equal to|maximum number|more \w+ than (is |are )?allowed/i;

/**
 * Why CloudFormation did not do something, in words and with what to do.
 * @param what a sentence's beginning that says what it did not do
 * @param reason its own words, or those of the service that it called
 */
export function stackFailure(what: string, reason: string): OffloadError {
  const missing = missingPermission(reason);
  if (missing !== undefined) {
    return new OffloadError('no-permission', `${what}: these AWS credentials may not do ${missing}.`, {
      fix: 'Ask for the permissions that "offload policy deploy" prints.',
    });
  }
  const said = `${what}: ${reason.replace(/\.?\s*$/, '.')}`;
  if (/Rate exceeded|Throttl/i.test(reason))
    return new OffloadError('busy', said, { fix: 'AWS took too many calls: try again in a minute.' });
  if (LIMIT.test(reason)) {
    return new OffloadError('quota-reached', said, {
      fix: 'New accounts have low limits: raise this one under Service Quotas, remove what is not used, or ask for less, such as memory (--memory).',
    });
  }
  const inTheWay = /already exists/i.test(reason);
  return new OffloadError('deploy-failed', said, {
    fix: inTheWay
      ? 'Remove what is in the way, or use another name with --stack.'
      : 'Put right what it names, and try again; the events of the stack in the CloudFormation console show all of it.',
  });
}
