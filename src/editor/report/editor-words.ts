/** What the CLI's commands are called in the editor. */
const COMMANDS: Readonly<Record<string, string>> = {
  deploy: 'Offload: Deploy Backend',
  destroy: 'Offload: Destroy Backend',
  status: 'Offload: Show Backend Status',
  logs: 'Offload: Show Function Logs',
  login: 'Offload: Log In to AWS',
  policy: 'Offload: Show AWS Policy',
  doctor: 'Offload: Doctor',
  'image build': 'Offload: Build Container Image',
};

const COMMAND = new RegExp(`"offload (${Object.keys(COMMANDS).join('|')})(?: [^"]*)?"`, 'g');

/**
 * What happened or what to do, in the words of the editor: core says it in those of the command line, which both have.
 * Text in quotation marks that is a command of the CLI becomes the command of the palette.
 */
export const editorWords = (text: string): string =>
  text
    .replace(/See "offload deploy --help" for what it takes\./g, 'See the settings offload.aws.*.')
    // The palette's command asks for no base.
    .replace(/, or name a base of your own, of Debian trixie: "offload image build --base IMAGE"/g, '')
    .replace(/"--subnet none"/g, 'offload.aws.subnets of []')
    .replace(COMMAND, (_all, name: string) => JSON.stringify(COMMANDS[name] ?? name))
    .replace(/: "offload runs" lists those that are there/g, '')
    .replace(/ \(offload runs --target container\)/g, '')
    .replace(/ \(--network open\)/g, ' (the setting offload.network)')
    .replace(/ \(--memory\)/g, ' (the setting offload.aws.memoryMb)')
    .replace(/ with --stack\b/g, ' (the setting offload.aws.stack)')
    .replace(/ with --subnet\b/g, ' (the setting offload.aws.subnets)')
    .replace(/ with --security-group\b/g, ' (the setting offload.aws.securityGroups)')
    .replace(/ with --profile\b/g, '');

/** The profile that is to log in, where a fix says so; undefined in the object for the default one. */
export function loginIn(fix: string | undefined): { profile: string | undefined } | undefined {
  const found = /"offload login(?: --profile ([^"]+))?"/.exec(fix ?? '');
  return found === null ? undefined : { profile: found[1] };
}

/** The policy that a fix names; undefined where it names none. */
export function policyIn(fix: string | undefined): 'deploy' | 'use' | undefined {
  const name = /"offload policy (deploy|use)"/.exec(fix ?? '')?.[1];
  return name === 'deploy' || name === 'use' ? name : undefined;
}

/** The command that a fix names, where it is one that shows or chooses. */
export function commandIn(
  fix: string | undefined,
): { command: 'offload.showFunctionLogs' | 'offload.chooseTarget'; label: string } | undefined {
  if (/"offload logs\b/.test(fix ?? ''))
    return { command: 'offload.showFunctionLogs', label: 'Show Function Logs' };
  if (/choose where runs go/i.test(fix ?? ''))
    return { command: 'offload.chooseTarget', label: 'Choose Where Runs Go…' };
  return undefined;
}
