import { checkContainer } from '../core/container/check-container.ts';
import { diagnose } from '../core/doctor.ts';
import { localFolders } from '../core/local/folders.ts';
import { diagnoseDeployed } from '../core/targets/diagnose-target.ts';
import { isAway } from '../core/targets/target.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { targetHelp, targetOption } from './target.ts';
import { parse } from './usage.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look whether everything that a run needs is there',
  help: `usage: offload doctor [OPTIONS]

Looks at the backend, its isolation, the interpreters and container engines, and says what to do where something is
missing. The exit code is 1 then. Of a backend on lambda: at the credentials, whether it answers, and whether it is of
this build.

${targetHelp('what is looked at')}
  --json             write the checks as one line of JSON
  --help             this text
`,
  atTarget: true,
  async run(argv, sandbox, { target }) {
    const options = { ...targetOption, json: { type: 'boolean', default: false } } as const;
    const { values } = parse({ args: argv, options });
    const checks = isAway(target)
      ? await diagnoseDeployed(target, sandbox, {
          backendFolder: backendFolder(),
          state: localFolders().state,
        })
      : [
          ...(await diagnose(
            sandbox,
            // A container's interpreters are those of its image.
            target.kind === 'local' ? { host: { env: process.env, cwd: process.cwd() } } : {},
          )),
          await checkContainer(backendFolder()),
        ];
    const ok = checks.every((check) => check.ok);
    if (values.json) process.stdout.write(JSON.stringify({ ok, checks }) + '\n');
    else {
      for (const { name, ok: well, detail, fix } of checks) {
        process.stdout.write(
          `${well ? 'ok  ' : 'FAIL'}  ${name}: ${detail}\n${fix === undefined ? '' : `      ${fix}\n`}`,
        );
      }
    }
    return ok ? 0 : 1;
  },
};
