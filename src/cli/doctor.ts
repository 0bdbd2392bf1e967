import { checkContainer } from '../core/container/check-container.ts';
import { diagnose } from '../core/doctor.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { isHere, targetOption } from './target.ts';
import { parse } from './usage.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'look whether everything that a run needs is there',
  help: `usage: offload doctor [--target T] [--json]

Looks at the backend, its isolation, the interpreters and container engines, and says what to do where something is
missing. The exit code is 1 then.

  --target T  look at another target than this machine: container or lambda
  --json      write the checks as one line of JSON
  --help      this text
`,
  async run(argv, sandbox) {
    const { values } = parse({
      args: argv,
      options: { ...targetOption, json: { type: 'boolean', default: false } },
    });
    const checks = [
      ...(await diagnose(sandbox, isHere(values) ? { host: { env: process.env, cwd: process.cwd() } } : {})),
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
