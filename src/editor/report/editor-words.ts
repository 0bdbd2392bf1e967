/** What the CLI's commands are called in the editor. */
const COMMANDS: Readonly<Record<string, string>> = {
  deploy: 'Offload: Deploy Backend',
  destroy: 'Offload: Destroy Backend',
  status: 'Offload: Show Backend Status',
  login: 'Offload: Log In to AWS',
  policy: 'Offload: Show AWS Policy',
  'image build': 'Offload: Build Container Image',
};

/**
 * What to do, in the words of the editor: core says it in those of the command line, which both have.
 * Text in quotation marks that is a command of the CLI becomes the command of the palette.
 */
export const editorWords = (fix: string): string =>
  fix
    .replace(/"offload (deploy|destroy|status|login|policy|image build)(?: [^"]*)?"/g, (_all, name: string) =>
      JSON.stringify(COMMANDS[name] ?? name),
    )
    .replace(/ \(--network open\)/g, ' (the setting offload.network)')
    .replace(/ with --stack\b/g, ' (the setting offload.aws.stack)')
    .replace(/ with --profile\b/g, '');

/** The profile that is to log in, where a fix says so; undefined in the object for the default one. */
export function loginIn(fix: string | undefined): { profile: string | undefined } | undefined {
  const found = /"offload login(?: --profile ([^"]+))?"/.exec(fix ?? '');
  return found === null ? undefined : { profile: found[1] };
}

/** The policy that a fix names. */
export function policyIn(fix: string | undefined): 'deploy' | 'use' {
  return (fix ?? '').includes('"offload policy use"') ? 'use' : 'deploy';
}
