import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import type { ContainerEngine } from '../../protocol/container.ts';
import { engineTrouble } from '../../protocol/engine-trouble.ts';
import { OffloadError } from '../../protocol/error.ts';

const run = promisify(execFile);

/** Milliseconds that an engine may take to say what it is. A daemon that starts by its socket takes a while. */
const TIMEOUT = 30_000;

/** Names an engine and its options: words, or a list as JSON. */
export const ENGINE_VARIABLE = 'OFFLOAD_CONTAINER_ENGINE';

/** What engines read of their environment. */
export const ENGINE_VARIABLES: readonly string[] = [
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'],
  ...['CONTAINER_HOST', 'CONTAINER_CONNECTION', 'CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF'],
  ...['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'DBUS_SESSION_BUS_ADDRESS'],
];

/** The engines that are looked for. Docker's client may be there without a daemon. */
const KINDS = ['docker', 'podman'] as const;
type Kind = ContainerEngine['kind'];

/** What `podman info` says, as far as it matters. */
const podmanSchema = z.object({
  host: z.object({
    cgroupManager: z.optional(z.string()),
    cgroupVersion: z.optional(z.string()),
    /** Null where the runtime has not said its version. */
    ociRuntime: z.optional(z.nullable(z.object({ name: z.string() }))),
    security: z.object({ rootless: z.boolean() }),
  }),
  version: z.optional(z.object({ Version: z.string() })),
});

/** What `docker info` says; `ServerErrors` is what a daemon that is not there leaves. */
const dockerSchema = z.object({
  ServerVersion: z.optional(z.string()),
  SecurityOptions: z.optional(z.nullable(z.array(z.string()))),
  ServerErrors: z.optional(z.array(z.string())),
});

/** What is looked at outside an engine; tests have their own. */
export interface Surroundings {
  env: NodeJS.ProcessEnv;
  exists: (path: string) => boolean;
}

const OWN: Surroundings = { env: process.env, exists: existsSync };

/**
 * The container engines of this machine that answer: the one that the environment names, else whichever there are.
 * @throws OffloadError `no-engine` where there is none, or none that answers, with what to do
 */
export async function enginesThatAnswer(
  surroundings = OWN,
): Promise<[ContainerEngine, ...ContainerEngine[]]> {
  const named = engineCommand(surroundings.env[ENGINE_VARIABLE]);
  if (named !== undefined) return [await describeEngine(named, surroundings)];
  const looked = await Promise.allSettled(KINDS.map((kind) => describeEngine([kind], surroundings)));
  const [first, ...others] = looked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (first !== undefined) return [first, ...others];
  const failures = looked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  const why = failures.find((failure) => !(failure instanceof NotInstalled));
  throw why instanceof Error ? why : noEngine();
}

/** @throws OffloadError `bad-request` for a list that is none */
function engineCommand(text: string | undefined): string[] | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (!text.trim().startsWith('[')) return text.trim().split(/\s+/);
  try {
    return z.array(z.string()).check(z.minLength(1)).parse(JSON.parse(text));
  } catch (cause) {
    throw new OffloadError('bad-request', `${ENGINE_VARIABLE} is no list of words: ${text}`, {
      fix: 'Write it as docker, podman, or ["podman","--root","/a/folder"].',
      cause,
    });
  }
}

/**
 * What an engine says of itself, with the options that it needs here.
 * @throws OffloadError `no-engine`, `sandbox-failed`
 */
export async function describeEngine(
  command: readonly string[],
  surroundings = OWN,
): Promise<ContainerEngine> {
  // Another program may start it, such as sudo; and it may have a name of its own, such as host-podman.
  const program = command.find((word) => /(^|\/)(docker|podman)[^/]*$/.test(word)) ?? command[0] ?? '';
  const kind: Kind = /podman[^/]*$/.test(program) ? 'podman' : 'docker';
  const said = await ask([...command, 'info', '--format', '{{json .}}'], kind, surroundings.env);
  try {
    const facts: unknown = JSON.parse(said);
    return kind === 'podman'
      ? podman(podmanSchema.parse(facts), command, surroundings)
      : docker(dockerSchema.parse(facts), command);
  } catch (cause) {
    if (cause instanceof OffloadError) throw cause;
    throw new OffloadError('no-engine', `${command.join(' ')} does not answer as ${kind} does.`, {
      fix: `See what "${kind} info" says.`,
      cause,
    });
  }
}

function podman(
  { host, version }: z.infer<typeof podmanSchema>,
  command: readonly string[],
  { exists }: Surroundings,
): ContainerEngine {
  const has = (option: string): boolean =>
    command.some((word) => word === option || word.startsWith(`${option}=`));
  const added: string[] = [];
  // crun refuses version 1 of control groups beside version 2, as some systems have it.
  const hybrid = host.cgroupVersion === 'v1' && exists('/sys/fs/cgroup/unified/cgroup.controllers');
  const runc = ['/usr/bin/runc', '/usr/sbin/runc', '/usr/local/bin/runc'].some(exists);
  if (hybrid && runc && host.ociRuntime?.name === 'crun' && !has('--runtime'))
    added.push('--runtime', 'runc');
  // Where systemd is not the system's manager, it makes no control groups.
  if (host.cgroupManager === 'systemd' && !exists('/run/systemd/system') && !has('--cgroup-manager'))
    added.push('--cgroup-manager', 'cgroupfs');
  return {
    kind: 'podman',
    command: [...command, ...added],
    version: version?.Version ?? 'of unknown version',
    rootless: host.security.rootless,
  };
}

function docker(facts: z.infer<typeof dockerSchema>, command: readonly string[]): ContainerEngine {
  const { ServerVersion = '', ServerErrors = [], SecurityOptions } = facts;
  if (ServerVersion === '')
    throw engineTrouble('docker', ServerErrors.join('\n') || 'Cannot connect to the Docker daemon');
  const rootless = SecurityOptions?.some((option) => option.includes('name=rootless')) === true;
  return { kind: 'docker', command: [...command], version: ServerVersion, rootless };
}

/** The engine's program is not there. */
class NotInstalled extends OffloadError {}

async function ask([program = '', ...args]: string[], kind: Kind, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: TIMEOUT, env, maxBuffer: 16 * 1024 ** 2 });
    return stdout;
  } catch (cause) {
    const { code, stderr = '', killed } = cause as { code?: unknown; stderr?: string; killed?: boolean };
    if (code === 'ENOENT') {
      const { message, fix } = noEngine(program);
      throw new NotInstalled('no-engine', message, { fix, cause });
    }
    if (killed === true) {
      throw new OffloadError('no-engine', `${kind} gives no answer.`, {
        fix: `See what "${kind} info" says.`,
        cause,
      });
    }
    const trouble = engineTrouble(kind, stderr, cause);
    // Whatever keeps an engine from saying what it is, there is none to use.
    throw new OffloadError('no-engine', trouble.message, { fix: trouble.fix, cause });
  }
}

const noEngine = (program?: string) =>
  new OffloadError(
    'no-engine',
    program === undefined || program === 'docker' || program === 'podman'
      ? 'There is no container engine on this machine.'
      : `There is no program ${program}.`,
    { fix: 'Install podman (sudo apt-get install podman, sudo dnf install podman) or Docker.' },
  );
