import * as vscode from 'vscode';
import { awsProfiles } from '../../core/aws/profiles.ts';
import { ssoLogin } from '../../core/aws/sso-login.ts';
import { OffloadError } from '../../protocol/error.ts';
import { isAbort } from '../abort.ts';
import { cancellable } from '../cancellable.ts';
import type { Dialogs } from '../dialogs.ts';

export interface LogInContext {
  dialogs: Dialogs;
  openLink: (address: string) => Thenable<unknown>;
  env: NodeJS.ProcessEnv;
}

const OPEN = 'Open Browser';
const COPY = 'Copy Address';

/**
 * Logs a profile in to IAM Identity Center: the user confirms in a browser.
 * @param profile the one that is meant; empty for the default one, and undefined to ask
 * @returns the profile that is logged in; undefined where the user wants no more of it
 * @throws OffloadError
 */
export async function logIn(context: LogInContext, profile: string | undefined): Promise<string | undefined> {
  const { dialogs, openLink, env } = context;
  const chosen =
    profile === '' ? (env['AWS_PROFILE'] ?? 'default') : (profile ?? (await askProfile(dialogs)));
  if (chosen === undefined) return undefined;
  const stopping = new AbortController();
  const show = async (url: string, code: string): Promise<void> => {
    const answer = await dialogs.ask({
      severity: 'info',
      modal: true,
      message: `Log in to AWS as ${chosen}`,
      detail: `Confirm in your browser, once it shows this code:\n\n${code}\n\nIf the page shows another code, close it: that login is not yours.`,
      buttons: [OPEN, COPY],
    });
    if (answer === OPEN) await openLink(url);
    else if (answer === COPY) await vscode.env.clipboard.writeText(url);
    else stopping.abort();
  };
  try {
    await cancellable(`Offload waits for your login to AWS (${chosen})`, (signal, report) =>
      ssoLogin({
        profile: chosen,
        signal: AbortSignal.any([signal, stopping.signal]),
        show: ({ url, code }) => {
          report(`code ${code}`);
          show(url, code).catch(() => {
            stopping.abort();
          });
        },
      }),
    );
  } catch (error) {
    if (stopping.signal.aborted || isAbort(error)) return undefined;
    throw error;
  }
  void dialogs.ask({ severity: 'info', message: `You are logged in to AWS: ${chosen}.` });
  return chosen;
}

async function askProfile(dialogs: Dialogs): Promise<string | undefined> {
  const names = (await awsProfiles()).filter(({ kind }) => kind === 'sso').map(({ name }) => name);
  if (names.length === 0) {
    throw new OffloadError(
      'bad-request',
      'No profile of ~/.aws/config logs in by IAM Identity Center (SSO).',
      {
        fix: 'Make one with "aws configure sso", or write sso_session or sso_start_url and sso_region into that file.',
      },
    );
  }
  if (names.length === 1) return names[0];
  const items = names.map((name) => ({ label: `$(account) ${name}`, name }));
  return (await dialogs.pick(items, 'Log In to AWS', 'Which profile?'))?.name;
}
