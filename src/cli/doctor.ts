import { checkContainer } from '../core/container/check-container.ts';
import { diagnose } from '../core/doctor.ts';
import { localFolders } from '../core/local/folders.ts';
import { diagnoseDeployed } from '../core/targets/diagnose-target.ts';
import { isAway } from '../core/targets/target.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { oneLine } from './say.ts';
import { targetHelp, targetOption } from './target.ts';
import { parse } from './usage.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look whether everything that a run needs is there',
  help: `usage: offload doctor [OPTIONS]

Looks at what a target has, and says what to do where something is missing; the exit code is 1 then. On this
machine: at the backend, its isolation, the interpreters and container engines. On lambda: at the credentials,
whether the backend answers, and whether it is of this build.

${targetHelp('what is looked at')}
  --json             write the checks as one line of JSON
  --help             this text
`,
  atTarget: true,
  async run(argv, sandbox, { target, aws }) {
    const options = { ...targetOption, json: { type: 'boolean', default: false } } as const;
    const { values } = parse({ args: argv, options });
    const checks = isAway(target)
      ? await diagnoseDeployed(target, sandbox, {
          backendFolder: backendFolder(),
          state: localFolders().state,
          aws,
        })
      : [
          ...(await diagnose(
            sandbox,
            // A container's interpreters are those of its image.
            target.kind === 'local' ? { host: { env: process.env, cwd: process.cwd() } } : {},
          )),
          await checkContainer(backendFolder(), target.kind === 'container'),
        ];
    const ok = checks.every((check) => check.ok);
    if (values.json) process.stdout.write(JSON.stringify({ ok, checks }) + '\n');
    else {
      // What engines, AWS and programs say of themselves is in it.
      for (const { name, ok: well, detail, fix } of checks) {
        process.stdout.write(oneLine(`${well ? 'ok  ' : 'FAIL'}  ${name}: ${detail}`) + '\n');
        if (fix !== undefined) process.stdout.write(`      ${oneLine(fix)}\n`);
      }
    }
    return ok ? 0 : 1;
  },
};
