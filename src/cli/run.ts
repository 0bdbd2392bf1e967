import { basename, resolve } from 'node:path';
import { toContent } from '../core/program/content.ts';
import { findInterpreter } from '../core/program/interpreter.ts';
import { runRequest, type Program } from '../core/program/program.ts';
import { checkCapabilities } from '../protocol/check-capabilities.ts';
import { OffloadError } from '../protocol/error.ts';
import { languageById, languageByPath, LANGUAGES, type Language } from '../protocol/languages.ts';
import { LIMITS } from '../protocol/limits.ts';
import { NETWORK_WORDS } from '../protocol/network.ts';
import type { Command } from './command.ts';
import { finish } from './finish.ts';
import { followRun } from './follow-run.ts';
import { codeFromStdin, inputFiles, programInput, sentPath } from './input.ts';
import { networkOf, OPEN_THERE } from './network.ts';
import { divide } from './own-arguments.ts';
import { checkRole, givenRole, roleHelp, roleOptions } from './role.ts';
import { jsonShow, plainShow } from './show.ts';
import { isHere, targetHelp, targetOption } from './target.ts';
import { parse, Usage, wholeNumber } from './usage.ts';
import { makeFolder } from './write-out.ts';

const MIB = 1024 * 1024;

const help = `usage: offload run [OPTIONS] FILE [ARGUMENT…]
       offload run --language L [OPTIONS] - [ARGUMENT…]

Runs FILE (or with "-" the program read from standard input) in a sandbox: without your files, within limits, and
without network unless some is asked for. Output streams as it comes; the exit code is the program's. Files that
it makes or changes are listed at the end.

${targetHelp('where it runs')}
  --language L       ${LANGUAGES.map(({ id }) => id).join(', ')}; by the file's ending where left out
  --file PATH        send a file along, at its path from here; may be given again
  --out DIR          write the changed files under DIR
  --allow-guarded    also those that an editor, a shell or an agent would run by itself
  --stdin PATH       what the program reads on its standard input ("-": ours)
  --env NAME=VALUE   set a variable for the program; may be given again
  --network N        ${NETWORK_WORDS}: what it can reach
                     (closed); ${OPEN_THERE}
${roleHelp(21)}
  --timeout S        end it after S seconds (${String(LIMITS.wallSeconds.default)})
  --memory MB        memory for all its processes together (${String(LIMITS.memoryBytes.default / MIB)})
  --output MB        output that it may write (${String(LIMITS.outputBytes.default / MIB)})
  --interpreter PATH the interpreter to use instead of the first on PATH
  --json             write each event as a line of JSON instead; the first has the run's id as "runId"
  --help             this text

Exit codes: the program's own; 124 when its time was up, 130 when cancelled (Ctrl+C), 2 for a bad request, 1 when
another limit ended it or the sandbox failed.
`;

const options = {
  ...targetOption,
  language: { type: 'string' },
  file: { type: 'string', multiple: true },
  out: { type: 'string' },
  'allow-guarded': { type: 'boolean', default: false },
  stdin: { type: 'string' },
  env: { type: 'string', multiple: true },
  network: { type: 'string' },
  timeout: { type: 'string' },
  memory: { type: 'string' },
  output: { type: 'string' },
  interpreter: { type: 'string' },
  json: { type: 'boolean', default: false },
  ...roleOptions,
} as const;

export const runCommand: Command = {
  name: 'run',
  summary: 'run a file, or a program from standard input',
  help,
  atTarget: true,
  own: (argv) => divide(argv, options).own,
  async run(argv, sandbox, { hourUsd }) {
    const { own, rest } = divide(argv, options);
    const { values, positionals } = parse({ args: own, options, allowPositionals: true });
    const [file] = positionals;
    if (file === undefined)
      throw new Usage('run takes a file, or - for standard input; see offload run --help');
    if (file === '-' && values.stdin === '-')
      throw new Usage('standard input cannot be both program and input');
    checkRole(values);
    const plain = runRequest(await program(file, rest, values));
    const { runId, limits, network } = plain;
    const seconds = limits.wallSeconds ?? LIMITS.wallSeconds.default;
    // Asked where it matters before the run itself is: with a role.
    const can = values.role === undefined ? undefined : (await sandbox.environment()).capabilities;
    const role = await givenRole(values, {
      ...{ runId, seconds, network },
      check: (given) => {
        if (can !== undefined) checkCapabilities({ ...plain, network: given, credentials: {} }, can);
      },
    });
    const request =
      role === undefined ? plain : { ...plain, credentials: role.credentials, network: role.network };
    const { out, json, 'allow-guarded': allowGuarded } = values;
    if (out !== undefined) await makeFolder(out);
    const show = json ? jsonShow() : plainShow();
    const followed = await followRun(sandbox, { request }, { show, interrupts: ['cancel'] });
    return await finish(sandbox, request.runId, followed, { json, out, allowGuarded, hourUsd });
  },
};

interface Values {
  target?: string | undefined;
  language?: string | undefined;
  file?: string[] | undefined;
  stdin?: string | undefined;
  env?: string[] | undefined;
  network?: string | undefined;
  timeout?: string | undefined;
  memory?: string | undefined;
  output?: string | undefined;
  interpreter?: string | undefined;
}

async function program(file: string, args: string[], values: Values): Promise<Program> {
  const language = languageOf(file, values.language);
  const entry = file === '-' ? `main${language.extensions[0] ?? ''}` : sentPath(file);
  const network = networkOf(values.network);
  const code = file === '-' ? await codeFromStdin() : undefined;
  const files = await inputFiles([...(values.file ?? []), ...(file === '-' ? [] : [file])]);
  const chosen = values.interpreter === undefined ? undefined : resolve(values.interpreter);
  const here = { env: process.env, cwd: process.cwd() };
  const isUsed = isHere(values) || chosen !== undefined;
  const interpreter = isUsed ? await findInterpreter(language, here, chosen) : undefined;
  const { wallSeconds, memoryBytes, outputBytes } = LIMITS;
  const seconds = wholeNumber(values.timeout, '--timeout', wallSeconds.min, wallSeconds.max);
  const memory = wholeNumber(values.memory, '--memory', memoryBytes.min / MIB, memoryBytes.max / MIB);
  const output = wholeNumber(values.output, '--output', 1, outputBytes.max / MIB);
  return {
    language,
    entry,
    ...(code === undefined ? {} : { code }),
    files,
    args,
    ...(values.stdin === undefined ? {} : { stdin: toContent(await programInput(values.stdin)) }),
    env: Object.fromEntries((values.env ?? []).map(variable)),
    ...(interpreter === undefined ? {} : { interpreter }),
    interpreterFrom: values.interpreter === undefined ? 'path' : 'choice',
    limits: {
      ...(seconds === undefined ? {} : { wallSeconds: seconds, cpuSeconds: seconds }),
      ...(memory === undefined ? {} : { memoryBytes: memory * MIB }),
      ...(output === undefined ? {} : { outputBytes: output * MIB }),
    },
    network,
    title: file === '-' ? `${language.label} from standard input` : basename(file),
  };
}

function languageOf(file: string, named: string | undefined): Language {
  const known = LANGUAGES.map(({ id }) => id).join(', ');
  if (named !== undefined) {
    const language = languageById(named);
    if (language !== undefined) return language;
    throw new OffloadError('unknown-language', `The language "${named}" cannot be run.`, {
      fix: `Choose one of ${known}.`,
    });
  }
  const language = languageByPath(file);
  if (language !== undefined) return language;
  throw new Usage(
    file === '-'
      ? `name the language of the program with --language (${known})`
      : `the ending of ${basename(file)} says no language: name it with --language (${known})`,
  );
}

function variable(text: string): [string, string] {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text);
  if (match?.[1] === undefined) throw new Usage(`--env takes NAME=VALUE, not "${text}"`);
  return [match[1], match[2] ?? ''];
}
