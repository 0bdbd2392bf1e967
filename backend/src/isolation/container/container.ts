import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE_BRIDGE, IMAGE_NODE, type ContainerOptions } from '../../../../src/protocol/container.ts';
import { asOffloadError, OffloadError } from '../../../../src/protocol/error.ts';
import { LIMIT_NAMES, type LimitName } from '../../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../../src/protocol/reply.ts';
import { BOX_WORKSPACE } from '../../../../src/protocol/workspace-folder.ts';
import type { Bridge } from '../../loopback/through-bridge.ts';
import { throughGate } from '../../network/through-gate.ts';
import type { Box, BoxSpec, Isolation } from '../box.ts';
import { boxUser, hasBoxUsers } from '../box-users.ts';
import { BOX_GATE, BOX_HOME, BOX_MODEL, temporaryFolders } from '../bubblewrap-arguments.ts';
import { closeQuietly, type Pipes } from '../pipes.ts';
import { createArguments, START_SCRIPT } from './container-arguments.ts';
import { runningContainer } from './container-box.ts';
import { probeContainer, type ContainerFacts } from './container-probe.ts';
import { containerScript } from './container-script.ts';
import { containerUser, writeUsers, type ContainerUser } from './container-user.ts';
import { Engine } from './engine.ts';
import { containerName, serverLabels, startLifeline, sweepContainers } from './lifeline.ts';
import { seccompProfile } from './seccomp-profile.ts';
import { SeenContainer } from './seen-container.ts';

/** The bridge that the image has. */
const BRIDGE: Bridge = { file: IMAGE_BRIDGE, node: IMAGE_NODE, env: {}, readOnly: [] };

/** Programs of the image, as its own environment finds them. */
const PATH = '/opt/offload/bin:/usr/local/bin:/usr/bin:/bin';

export interface ContainerIsolationOptions extends ContainerOptions {
  /** A folder for what containers are made of, which everyone may enter and this user alone writes. */
  boxes: string;
  /** A folder of a short path that only this user can enter. */
  runtime: string;
  /** What tells this user's servers apart from those of others. */
  state: string;
  pipes: Pipes;
}

/** Boxes that are containers of one image, made by Docker or podman: programs are those of the image. */
export class Container implements Isolation {
  readonly kind = 'container';
  readonly network = ['closed'] as const;
  readonly #options: ContainerIsolationOptions;
  readonly #engine: Engine;
  readonly #seccomp: string;
  readonly #lifeline: ChildProcess;
  readonly #hasUsers = hasBoxUsers();
  readonly #relabel = readOr('/sys/fs/selinux/enforce', '0').trim() === '1';
  readonly #most = hardLimits(readOr('/proc/self/limits', ''));
  readonly #leaving = new Set<Promise<void>>();
  #facts: ContainerFacts | undefined;
  #probing: Promise<IsolationReport> | undefined;
  #made = 0;
  #nextUser = 0;

  constructor(options: ContainerIsolationOptions) {
    this.#options = options;
    this.#engine = new Engine(options.engine);
    this.#seccomp = join(options.boxes, 'seccomp.json');
    writeFileSync(this.#seccomp, seccompProfile());
    this.#lifeline = startLifeline(this.#engine, options.state);
  }

  /** What a probe has found; undefined before one has. */
  get facts(): ContainerFacts | undefined {
    return this.#facts;
  }

  /** Those that hold here: what the engine bounds, and what can be watched. */
  get limits(): readonly LimitName[] {
    const { memory = true, processes = true, seen = true } = this.#facts ?? {};
    const lacking: LimitName[] = [
      ...(memory || seen ? [] : (['memoryBytes'] as const)),
      ...(processes ? [] : (['processes'] as const)),
      ...(seen ? [] : (['cpuSeconds'] as const)),
    ];
    return LIMIT_NAMES.filter((name) => !lacking.includes(name));
  }

  /** Success is remembered; a failure is tried again. */
  async probe(): Promise<IsolationReport> {
    this.#probing ??= this.#probe();
    const report = await this.#probing;
    if (!report.available) this.#probing = undefined;
    return report;
  }

  /** Removes the containers of servers that are gone. */
  sweep(): Promise<void> {
    return sweepContainers(this.#engine, this.#options.state);
  }

  /** Where root makes containers, each run belongs to a user of its own; what it makes is that user's. */
  owner(): number | undefined {
    return this.#hasUsers && !this.#options.engine.rootless ? boxUser(this.#nextUser++) : undefined;
  }

  environment({ own }: { own: Record<string, string> }): Record<string, string> {
    return {
      PATH,
      HOME: BOX_HOME,
      USER: 'user',
      LOGNAME: 'user',
      LANG: 'C.UTF-8',
      TMPDIR: '/tmp',
      ...own,
    };
  }

  places(): { workspace: string; home: string; model: string } {
    return { workspace: BOX_WORKSPACE, home: BOX_HOME, model: BOX_MODEL };
  }

  workspacePath(_spec: { workspace: string }, path: string): string {
    return path === '' ? BOX_WORKSPACE : `${BOX_WORKSPACE}/${path}`;
  }

  async start(wanted: BoxSpec): Promise<Box> {
    const { gate, owner } = wanted;
    const spec = gate === undefined ? wanted : throughGate(wanted, gate, BOX_GATE, BRIDGE);
    const { engine, image, runtime, state, pipes } = this.#options;
    this.#checkOpenFiles(spec);
    const host = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const user = containerUser(engine, host, owner);
    const number = this.#made++;
    const name = containerName(state, number);
    // It has all variables of the program, and is removed by whoever sweeps this folder should we not.
    const start = join(runtime, `start-${String(number)}.${String(process.pid)}`);
    const onEnd = (): void => {
      rmSync(start, { recursive: true, force: true });
      const leaving = this.#engine.remove(name).finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    };
    const users = this.#writeStart(start, spec, user, owner);
    const temporary = temporaryFolders(spec);
    try {
      const id = await this.#engine.call(
        ...createArguments(spec, {
          name,
          image,
          labels: serverLabels(state),
          start,
          users,
          seccomp: this.#seccomp,
          user: user.options,
          isPodman: this.#engine.isPodman,
          relabel: this.#relabel,
          most: this.#most,
        }),
      );
      const seen = new SeenContainer(id.split('\n').at(-1) ?? id);
      const { client, stdout, stderr } = await this.#attach(name, spec, pipes);
      return runningContainer({ engine: this.#engine, name, seen, client, stdout, stderr, temporary, onEnd });
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  /** Resolves when the containers that have ended are removed. */
  async dispose(): Promise<void> {
    await Promise.all(this.#leaving);
    this.#lifeline.stdin?.destroy();
  }

  /** The engine may give no more than we have, and a program is held to what it asks for. */
  #checkOpenFiles({ limits: { openFiles } }: BoxSpec): void {
    const { openFiles: most = openFiles } = this.#most;
    if (openFiles <= most) return;
    throw new OffloadError('not-supported', `A program can have ${String(most)} open files here at most.`, {
      fix: 'Ask for fewer, or raise the hard limit of open files (ulimit -Hn) of whoever starts Offload.',
    });
  }

  async #probe(): Promise<IsolationReport> {
    const { engine, image, runtime } = this.#options;
    try {
      const facts = await probeContainer(this, runtime, engine);
      this.#facts = facts;
      return { kind: this.kind, available: true, detail: describe(this.#options, facts) };
    } catch (thrown) {
      const { message, fix } = asOffloadError(thrown);
      return {
        kind: this.kind,
        available: false,
        detail: `${engine.kind} cannot make a container of the image ${shortId(image)}: ${message}`,
        ...(fix === undefined ? {} : { fix }),
      };
    }
  }

  #writeStart(
    folder: string,
    spec: BoxSpec,
    user: ContainerUser,
    owner: number | undefined,
  ): { passwd: string; group: string } | undefined {
    mkdirSync(folder, { mode: 0o700 });
    const script = join(folder, START_SCRIPT);
    writeFileSync(script, containerScript(spec), { mode: 0o400 });
    if (owner !== undefined) for (const each of [folder, script]) chownSync(each, owner, owner);
    return writeUsers(join(this.#options.boxes, `users-${String(user.uid)}`), user);
  }

  async #attach(name: string, spec: BoxSpec, pipes: Pipes) {
    const [out, err] = await Promise.all([pipes.take(), pipes.take()]);
    try {
      const [program, args] = this.#engine.command(
        ...['start', '--attach'],
        ...(spec.stdin === undefined ? [] : ['--interactive']),
        // Bytes that would detach podman's client are a program's input like others.
        ...(this.#engine.isPodman ? ['--detach-keys='] : []),
        ...['--sig-proxy=false', name],
      );
      const client = spawn(program, args, {
        cwd: '/',
        stdio: [spec.stdin ?? 'ignore', out.writeFd, err.writeFd],
      });
      return { client, stdout: out.reader, stderr: err.reader };
    } catch (error) {
      out.reader.close();
      err.reader.close();
      throw error;
    } finally {
      closeQuietly(out.writeFd);
      closeQuietly(err.writeFd);
    }
  }
}

const shortId = (image: string): string => image.replace('sha256:', '').slice(0, 12);

function describe({ engine, image }: ContainerOptions, facts: ContainerFacts): string {
  const { python, node } = facts.versions;
  const parts = [
    `${engine.kind} ${engine.version}${engine.rootless ? ' without root' : ''}`,
    `image ${shortId(image)} (${[python, node].filter((each) => each !== '').join(', ')})`,
    'root file system read-only, no rights, no network of its own',
    ...(facts.memory ? [] : ['memory watched only, not bounded by the engine']),
    ...(facts.processes ? [] : ['the number of processes not bounded']),
    ...(facts.seen ? [] : ['a virtual machine: processor time not watched']),
    ...(facts.sockets ? [] : ['no sockets of this machine, which tasks and the network need']),
  ];
  return parts.join(', ');
}

/** The most that a process of this one's may have; see proc_pid_limits(5). */
function hardLimits(limits: string): { openFiles: number | undefined; processes: number | undefined } {
  const hard = (name: string): number | undefined => {
    const value = new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(limits)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  return { openFiles: hard('Max open files'), processes: hard('Max processes') };
}

function readOr(path: string, other: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return other;
  }
}
