import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { IMAGE_AGENT, IMAGE_NODE, type ContainerEngine } from '../../../../src/protocol/container.ts';
import { engineTrouble } from '../../../../src/protocol/engine-trouble.ts';
import { asOffloadError, OffloadError } from '../../../../src/protocol/error.ts';
import { effectiveLimits } from '../../../../src/protocol/limits.ts';
import type { Box, BoxSpec } from '../box.ts';
import { BOX_MODEL } from '../bubblewrap-arguments.ts';
import { DASH } from '../limit-arguments.ts';
import type { OutputPipe } from '../pipes.ts';

/** What was found by making a real container. */
export interface ContainerFacts {
  /** The versions of the image's interpreters, for people; empty where one is not there. */
  versions: { python: string; node: string; bash: string };
  /** Whether the image has an agent. */
  agent: boolean;
  /** Whether unix sockets of the host can be reached: those of relays and gates. */
  sockets: boolean;
  /** Whether the container's control group bounds these. */
  memory: boolean;
  processes: boolean;
  /** Whether its processes are the host's own, so that they can be watched. */
  seen: boolean;
}

/** Milliseconds that a container has for what it is asked, once it was made. */
const TIME_LIMIT = 60_000;
/** Milliseconds that its engine has to end it then. */
const ENDING_TIME = 5000;

/** Where a probe's socket is, in its folder. */
const SOCKET = 's';

const CONNECT = `import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect('${BOX_MODEL}/${SOCKET}'); print(s.recv(9).decode())`;

/** Says what there is, a line each; see cgroups(7) for the files. */
const SCRIPT = `
one() { head -n 1 "$1" 2>/dev/null || head -n 1 "$2" 2>/dev/null; }
cp given made && echo "files=$(cat given)"
echo "python=$(/usr/bin/python3 --version)"
echo "node=$(${IMAGE_NODE} --version)"
echo "bash=$(bash -c 'echo $BASH_VERSION')"
[ -x ${IMAGE_AGENT} ] && echo agent=yes
echo "memory=$(one /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes)"
echo "processes=$(one /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max)"
echo "socket=$(/usr/bin/python3 -c "${CONNECT}")"
sleep 0.1
echo made
`;

interface Prober {
  owner(): number | undefined;
  start(spec: BoxSpec): Promise<Box>;
}

/**
 * Makes a container and looks at it from within.
 * @param folder a folder of a short path, where the probe's own is made
 * @throws OffloadError where none can be made, or it does not have the files that it should
 */
export async function probeContainer(
  isolation: Prober,
  folder: string,
  engine: ContainerEngine,
): Promise<ContainerFacts> {
  const own = mkdtempSync(join(folder, 'p'));
  const [workspace, model] = [join(own, 'w'), join(own, 'm')];
  const server = createServer((socket) => socket.on('error', () => undefined).end('reached'));
  try {
    const owner = isolation.owner();
    for (const each of [workspace, model]) mkdirSync(each);
    for (const each of [own, model]) chmodSync(each, 0o711);
    const token = String(Math.random());
    writeFileSync(join(workspace, 'given'), token);
    if (owner !== undefined)
      for (const each of ['', 'given']) await chown(join(workspace, each), owner, owner);
    const socket = join(model, SOCKET);
    server.listen(socket);
    await once(server, 'listening');
    chmodSync(socket, 0o666);
    const limits = effectiveLimits({});
    const box = await isolation.start({
      workspace,
      model,
      owner,
      argv: [DASH, '-c', SCRIPT],
      env: { PATH: '/usr/bin:/bin' },
      readOnly: [],
      stdin: undefined,
      limits,
      memoryLimit: 'data',
    });
    const { out, err, exit, seen } = await watched(box, engine.kind);
    if (exit instanceof OffloadError || !out.endsWith('made\n')) throw engineTrouble(engine.kind, err, exit);
    const said = Object.fromEntries(out.split('\n').map((line) => split(line)));
    const madeBy = statSync(join(workspace, 'made'), { throwIfNoEntry: false })?.uid;
    if (
      said['files'] !== token ||
      madeBy === undefined ||
      readFileSync(join(workspace, 'made'), 'utf8') !== token
    )
      throw notShared(engine.kind);
    if (process.platform === 'linux' && madeBy !== (owner ?? process.getuid?.()))
      throw notOwn(engine.kind, madeBy);
    const { python = '', node = '', bash = '' } = said;
    return {
      versions: {
        python,
        node: node === '' ? '' : `Node ${node}`,
        bash: bash === '' ? '' : `Bash ${bash}`,
      },
      agent: said['agent'] === 'yes',
      sockets: said['socket'] === 'reached',
      memory: isBounded(said['memory'], limits.memoryBytes),
      processes: isBounded(said['processes'], 2 * limits.processes),
      seen,
    };
  } finally {
    server.close();
    rmSync(own, { recursive: true, force: true });
  }
}

/**
 * What a probe's box says until it has ended, and whether its processes were seen.
 * @throws OffloadError where it takes too long, also where its engine does not even end it
 */
async function watched(box: Box, engine: string) {
  let seen = false;
  const looking = setInterval(() => {
    seen ||= box.tree.pids().length > 0;
  }, 20);
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const neverEnds = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late.abort();
      box.kill();
      timer = setTimeout(() => {
        reject(tooSlow(engine));
      }, ENDING_TIME);
    }, TIME_LIMIT);
  });
  const exited = box.exited.catch(asOffloadError);
  try {
    const ended = Promise.all([textOf(box.stdout), textOf(box.stderr), exited]);
    const [out, err, exit] = await Promise.race([ended, neverEnds]);
    if (late.signal.aborted) throw tooSlow(engine);
    return { out, err, exit, seen };
  } finally {
    clearInterval(looking);
    clearTimeout(timer);
    for (const pipe of [box.stdout, box.stderr]) pipe.close();
  }
}

/** Whether a control group's file says a number, and none that is more than it should be. */
export const isBounded = (said: string | undefined, most: number): boolean =>
  said !== undefined && /^\d+$/.test(said) && Number(said) <= most;

function split(line: string): [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

const tooSlow = (engine: string) =>
  new OffloadError(
    'sandbox-failed',
    `A container of ${engine} was not done within ${String(TIME_LIMIT / 1000)} s with what takes a moment.`,
    { fix: 'See whether the engine is at work with something else, and try again.' },
  );

const notShared = (engine: string) =>
  new OffloadError('sandbox-failed', `${engine} does not give containers the files of this machine.`, {
    fix: "An engine on another machine cannot be used; share this user's home folder in the settings of a virtual machine.",
  });

const notOwn = (engine: string, uid: number) =>
  new OffloadError(
    'sandbox-failed',
    `What ${engine}'s containers make belongs to another user (${String(uid)}).`,
    {
      fix: 'The engine maps users in a way that Offload does not know: use podman without root, or Docker without userns-remap.',
    },
  );

async function textOf(pipe: OutputPipe): Promise<string> {
  let text = '';
  await pipe.read((chunk) => {
    text += chunk.toString('utf8');
    return undefined;
  });
  return text;
}
