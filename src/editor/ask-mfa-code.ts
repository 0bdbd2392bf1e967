import { isAbort, userAbort } from './abort.ts';
import type { Dialogs } from './dialogs.ts';
import { plainText } from './plain-text.ts';

/**
 * Asks for the code that a device for multi-factor authentication shows.
 * @param device its name or ARN, as the AWS configuration has it
 * @throws an AbortError where the user gives none: AWS would be asked with an empty one
 */
export async function askMfaCode(dialogs: Pick<Dialogs, 'input'>, device: string): Promise<string> {
  const code = await dialogs.input({
    title: 'Log In to AWS',
    prompt: `The code that the device ${plainText(device)} shows.`,
    check: (text) => (/^\d{6}$/.test(text.trim()) ? undefined : 'It has six digits.'),
  });
  if (code === undefined) throw userAbort();
  return code.trim();
}

/**
 * The same for the call of a run, empty where the user gives none. Core says so then, once; an abort would pass for a
 * connection that broke, and be tried again, with the same question each time.
 */
export const mfaCodeOrNone: typeof askMfaCode = (dialogs, device) =>
  askMfaCode(dialogs, device).catch((thrown: unknown) => {
    if (isAbort(thrown)) return '';
    throw thrown;
  });
