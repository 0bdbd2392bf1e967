import { inspect } from 'node:util';
import type { OffloadError } from '../../protocol/error.ts';
import type { Place } from '../deploy/place.ts';
import { commandIn, editorWords, loginIn, policyIn } from './editor-words.ts';
import { SettingError } from '../settings/setting.ts';

/** Commands that help by themselves. */
type ShownCommand =
  | 'offload.setModelKey'
  | 'offload.doctor'
  | 'offload.buildImage'
  | 'offload.showFunctionLogs'
  | 'offload.chooseTarget';

/** What a button under an error does. */
export type Remedy = { label: string } &
  /** `*` at its end stands for all that begin so. */
  (
    | { kind: 'open-setting'; setting: string }
    | { kind: 'trust' }
    | { kind: 'terminal'; line: string }
    | { kind: 'copy'; line: string }
    | { kind: 'retry' }
    | { kind: 'command'; command: ShownCommand }
    | { kind: 'go-on'; task: string }
    /** Logs a profile in to AWS, the default one where it is undefined, and tries once more. */
    | { kind: 'log-in'; profile: string | undefined }
    /** For a backend; where it is absent, for one that the command finds by itself. */
    | { kind: 'policy'; policy: 'deploy' | 'use'; place?: Place }
    | { kind: 'link'; address: string }
    | { kind: 'log' }
  );

/** A command line in the words of a fix: from `sudo` to the end of the sentence or a parenthesis. */
export const commandLine = (fix: string): string | undefined =>
  /\bsudo [^();]+?(?=\s*(?:[();]|\.?$))/.exec(fix)?.[0];

/**
 * The buttons that do what an error's fix says, the likeliest first. The log is always one.
 * @param task the run of a task that has ended with the error
 */
export function remediesFor(error: OffloadError, canRetry: boolean, task?: string): Remedy[] {
  const remedies = task === undefined ? named(error, canRetry) : specificToTask(error, task);
  return [...remedies, { kind: 'log', label: 'Show Log' }];
}

/** The command that a fix names comes before what the code alone offers. */
function named(error: OffloadError, canRetry: boolean): Remedy[] {
  const command = commandIn(error.fix);
  const remedies = specific(error, canRetry);
  return command === undefined
    ? remedies
    : [{ kind: 'command' as const, ...command }, ...remedies].slice(0, 2);
}

/** A task's files and conversation are kept: it can be gone on with once what was in its way is gone. */
function specificToTask(error: OffloadError, task: string): Remedy[] {
  const goOn: Remedy = { kind: 'go-on', label: 'Go On…', task };
  const [first] = error.code === 'timeout' ? [setting('offload.task.minutes')] : specific(error, false);
  return first === undefined ? [goOn] : [first, goOn];
}

const setting = (id: string): Remedy => ({ kind: 'open-setting', label: 'Open Setting', setting: id });
/** Where limits of an AWS account are raised. */
const QUOTAS = 'https://console.aws.amazon.com/servicequotas/home';
const DOCTOR: Remedy = { kind: 'command', command: 'offload.doctor', label: 'Run Doctor' };

function specific(error: OffloadError, canRetry: boolean): Remedy[] {
  const retry: Remedy[] = canRetry ? [{ kind: 'retry', label: 'Retry' }] : [];
  switch (error.code) {
    case 'bad-setting':
      // What is wrong elsewhere, as in the AWS configuration, is no setting of ours.
      return error instanceof SettingError ? [setting(error.setting)] : retry;
    case 'no-interpreter':
      return [setting('offload.interpreters')];
    case 'timeout':
      return [setting('offload.limits.wallSeconds')];
    case 'memory-limit':
      return [setting('offload.limits.memoryMb')];
    case 'output-limit':
      return [setting('offload.limits.outputMb')];
    case 'untrusted':
      return [{ kind: 'trust', label: 'Manage Trust' }];
    case 'no-isolation': {
      const line = commandLine(error.fix ?? '');
      if (line === undefined) return [DOCTOR];
      return [
        { kind: 'terminal', label: 'Type It in a Terminal', line },
        { kind: 'copy', label: 'Copy Command', line },
      ];
    }
    case 'no-backend':
    case 'interrupted':
    case 'busy':
      return [...retry, DOCTOR];
    case 'no-access':
      return [{ kind: 'command', command: 'offload.setModelKey', label: 'Set Model Key…' }, ...retry];
    case 'no-image':
      return [{ kind: 'command', command: 'offload.buildImage', label: 'Build Image…' }, ...retry];
    case 'no-agent':
      return [...retry, setting('offload.agents.*')];
    case 'unknown-model':
      return [setting('offload.task.model')];
    case 'login-expired':
      return [{ kind: 'log-in', label: 'Log In', profile: loginIn(error.fix)?.profile }, ...retry];
    case 'no-permission': {
      const policy = policyIn(error.fix);
      return policy === undefined ? retry : [{ kind: 'policy', label: 'Show Policy', policy }, ...retry];
    }
    case 'quota-reached':
      return [{ kind: 'link', label: 'Open Service Quotas', address: QUOTAS }, ...retry];
    case 'budget-reached':
      return [setting('offload.task.*')];
    case 'sandbox-failed':
    case 'no-engine':
    case 'backend-lost':
    case 'model-unreachable':
    case 'agent-failed':
    case 'unknown-snapshot':
    case 'no-credentials':
    case 'aws-unreachable':
    case 'deploy-failed':
      return retry;
    default:
      return [];
  }
}

/** An error as one message: what and why, then what to do. */
export const messageOf = (error: OffloadError): string =>
  editorWords(error.fix === undefined ? error.message : `${sentence(error.message)} ${error.fix}`);

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Everything that led to an error, outermost first, with stacks: for the log. */
export function causeChain(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at !== undefined && !seen.has(at); at = at instanceof Error ? at.cause : undefined) {
    seen.add(at);
    parts.push(at instanceof Error ? (at.stack ?? `${at.name}: ${at.message}`) : inspect(at));
  }
  return parts.join('\ncaused by: ');
}
