import type { OffloadError } from '../../protocol/error.ts';
import type { Action } from '../report/error-report.ts';
import type { Place } from './place.ts';

export interface FailureContext {
  /** Where it failed; undefined where nothing was chosen yet. */
  place: Place | undefined;
  /** Begins with the question for the profile. */
  chooseAnew: () => Promise<unknown>;
  /** Goes on where it failed: looks what is there, says what it will do, and asks. */
  goOn: () => Promise<unknown>;
  openLink: (address: string) => Thenable<unknown>;
}

/** What helps after a failed deploy, the likeliest first. */
export function failureActions(
  { code, message }: Pick<OffloadError, 'code' | 'message'>,
  context: FailureContext,
): Action[] {
  const { place, chooseAnew, goOn, openLink } = context;
  const open = (label: string, path: string): Action[] =>
    place === undefined
      ? []
      : [
          {
            label,
            act: async () => {
              await openLink(`https://${place.region}.console.aws.amazon.com/${path}`);
            },
          },
        ];
  switch (code) {
    case 'no-credentials':
    case 'unauthorized':
      return [{ label: 'Choose Another Profile', act: chooseAnew }];
    case 'aws-unreachable':
    case 'not-supported':
      return [{ label: 'Choose Another Region', act: chooseAnew }];
    case 'quota-reached':
      return open(
        'Open Service Quotas',
        `servicequotas/home/services/${/codebuild/i.test(message) ? 'codebuild' : 'lambda'}/quotas`,
      );
    case 'stack-blocked':
      return message.includes('can only be removed')
        ? [{ label: 'Remove and Deploy…', act: goOn }]
        : open('Open CloudFormation', 'cloudformation/home');
    default:
      return [];
  }
}
