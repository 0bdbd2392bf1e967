import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalEndpoint } from '../core/lambda-local/local-endpoint.ts';
import type { StartRuntime } from '../core/lambda-local/runtime-process.ts';
import { readBackendBuild } from '../core/local/backend-build.ts';
import { ownMounts, PRIVATE_MOUNTS } from '../core/local/own-mounts.ts';
import { accessFromEnvironment } from '../core/task/access.ts';
import type { ModelAccess } from '../protocol/access.ts';
import { asOffloadError } from '../protocol/error.ts';
import { agentProgram } from './agent-program.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { say } from './say.ts';
import { parse, Usage, wholeNumber } from './usage.ts';

/** The port of AWS's own emulator, outside of its container. */
const PORT = 9000;
/** Lambda's longest timeout. */
const MAX_SECONDS = 900;
/** Invocations at once, as in a new account: each run is one, and so is each that follows or cancels it. */
const CONCURRENCY = 10;
/** The agent of a task that names none, as the function has it. */
const AGENT = 'claude-code';

export const lambdaLocalCommand: Command = {
  name: 'lambda-local',
  summary: 'serve the Lambda functions on this machine',
  help: `usage: offload lambda-local [--port N] [--timeout S] [--agent-program PATH]

Serves the backend that is deployed to AWS Lambda, as AWS's runtime interface emulator does: a request that is posted
to /2015-03-31/functions/function/invocations is answered as a whole. Beside {"task": …, "execute": true} it takes the
requests of Offload's protocol, so that a run can be followed and cancelled while another request waits for it. It
listens on this machine alone, lets in no web page and no other user, and runs code and agents in a sandbox. How the
model is reached is said by the environment, as for offload task. What it writes comes on stderr. Ctrl+C ends it; what
it kept of runs goes then.

  --port N              the port (${String(PORT)}; 0 for a free one)
  --timeout S           seconds that an invocation may take (${String(MAX_SECONDS)})
  --agent-program PATH  the agent's program (claude) instead of the first on PATH
  --help                this text
`,
  async run(argv) {
    const { values, positionals } = parse({
      args: argv,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        timeout: { type: 'string' },
        'agent-program': { type: 'string' },
      },
    });
    if (positionals.length > 0) throw new Usage('lambda-local takes options only');
    const port = wholeNumber(values.port, '--port', 0, 65_535) ?? PORT;
    const timeoutSeconds = wholeNumber(values.timeout, '--timeout', 1, MAX_SECONDS) ?? MAX_SECONDS;
    const chosen = values['agent-program'];
    const program = await agentProgram(AGENT, chosen);
    const access = await accessFromEnvironment(process.env).catch((error: unknown) => {
      const { message, fix } = asOffloadError(error);
      say(`${message} Tasks will be refused; code can be run. ${fix ?? ''}`);
      return undefined;
    });
    const interrupted = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    const { startLocalEndpoint } = await import('../core/lambda-local/local-endpoint.ts');
    const { folder: backend, id: build } = await readBackendBuild(backendFolder());
    const mounts = await ownMounts();
    const store = await mkdtemp(join(tmpdir(), 'offload-store-'));
    let endpoint: LocalEndpoint | undefined;
    try {
      endpoint = await startLocalEndpoint({
        port,
        timeoutSeconds,
        concurrency: CONCURRENCY,
        start: starting({ backend, build, access, program, store, timeoutSeconds, mounts }),
        log: (text) => process.stderr.write(text),
      });
      process.stdout.write(`${endpoint.url}\n`);
      say(
        'Try: ' +
          `curl ${endpoint.url} -d '{"task": "Write hello.py, which prints hello.", "execute": true}'`,
      );
      await interrupted;
    } finally {
      await endpoint?.dispose();
      await rm(store, { recursive: true, force: true });
    }
    return 0;
  },
};

/** What the functions have of this machine. */
interface Surroundings {
  /** The backend's folder, and what it was built as. */
  backend: string;
  build: string;
  access: ModelAccess | undefined;
  /** The agent's program. */
  program: string | undefined;
  /** A folder that is there in place of a bucket. */
  store: string;
  timeoutSeconds: number;
  /** What its command begins with. */
  mounts: readonly string[];
}

/** How what is deployed is started here, and how the model is reached. */
function starting(surroundings: Surroundings): StartRuntime {
  const { backend, build, access, program, store, timeoutSeconds, mounts } = surroundings;
  const privateMounts = mounts.length === 0 ? [] : [PRIVATE_MOUNTS];
  const { PATH = '/usr/local/bin:/usr/bin:/bin', HOME = '/' } = process.env;
  const env = {
    PATH,
    HOME,
    LANG: 'C.UTF-8',
    ...accessVariables(access),
    ...(program === undefined ? {} : { OFFLOAD_AGENT_PROGRAM: program }),
    OFFLOAD_BUILD: build,
    OFFLOAD_STORE: store,
    OFFLOAD_TIMEOUT: String(timeoutSeconds),
  };
  return ({ runtimeApi, temporary }) => ({
    argv: [...mounts, process.execPath, join(backend, 'lambda-local.mjs'), ...privateMounts],
    cwd: backend,
    endsWhenAsked: true,
    env: { ...env, AWS_LAMBDA_RUNTIME_API: runtimeApi, TMPDIR: temporary },
  });
}

/** How the model is reached, as the environment of a function says it. */
function accessVariables(access: ModelAccess | undefined): Record<string, string> {
  if (access === undefined) return {};
  const pairs: [string, string | undefined][] =
    access.provider === 'bedrock'
      ? [
          ['CLAUDE_CODE_USE_BEDROCK', '1'],
          ['AWS_REGION', access.region],
          ['AWS_PROFILE', access.profile],
          ['ANTHROPIC_BEDROCK_BASE_URL', access.baseUrl],
          ...Object.entries(process.env).filter(([name]) => CREDENTIALS.has(name)),
        ]
      : [
          ['ANTHROPIC_API_KEY', access.key],
          ['CLAUDE_CODE_OAUTH_TOKEN', access.token],
          ['ANTHROPIC_BASE_URL', access.baseUrl],
        ];
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Where the AWS SDK finds credentials besides the profile. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
]);
