import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { LIMIT_NAMES } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import { BOX_WORKSPACE } from '../../../src/protocol/workspace-folder.ts';
import { throughGate } from '../network/through-gate.ts';
import type { Box, BoxSpec, Isolation } from './box.ts';
import { boxUser, hasBoxUsers } from './box-users.ts';
import { BOX_GATE, BOX_HOME, BOX_MODEL, boxArguments, temporaryFolders } from './bubblewrap-arguments.ts';
import { probeBubblewrap } from './bubblewrap-probe.ts';
import { startBubblewrap, type BubblewrapProcess, type BubblewrapSpec } from './bubblewrap-process.ts';
import { anonymousFile } from './anonymous-file.ts';
import { closeQuietly, type Pipes } from './pipes.ts';
import { ReadyBubblewrap } from './ready-bubblewrap.ts';
import { runningBox } from './bubblewrap-box.ts';
import { seccompFilter } from './seccomp.ts';
import { canStage, Stage } from './stage.ts';
import { EtcFolder } from './etc-folder.ts';
import { findProgram } from './find-program.ts';
import { hasDash, limitArguments } from './limit-arguments.ts';
import { scriptOptions, scriptRunner } from './start-script.ts';

export interface BubblewrapOptions {
  /** A folder for what boxes are made of, which everyone may enter and this user alone writes. */
  boxes: string;
  /** More folders that hold what is bound into boxes: each, too, may be entered by everyone. */
  shared?: readonly string[];
  /** A folder that only this user can enter. */
  runtime: string;
  pipes: Pipes;
  /** The bridge's file, where it is not the one beside the backend's. */
  bridge?: string | undefined;
  /** Whether Debian's shell sets the limits; by default where it is there. */
  dash?: boolean;
}

/** Boxes made by bubblewrap: Linux namespaces of their own, no rights, limits on everything. */
export class Bubblewrap implements Isolation {
  readonly kind = 'bubblewrap';
  readonly limits = LIMIT_NAMES;
  readonly network = ['closed'] as const;
  readonly #options: BubblewrapOptions;
  readonly #etc: EtcFolder;
  /** The file that holds the seccomp filter, where this architecture has one. */
  readonly #filter: string | undefined;
  readonly #hasUsers = hasBoxUsers();
  readonly #stage = this.#hasUsers && canStage() ? new Stage() : undefined;
  readonly #dash: boolean;
  readonly #ready = new ReadyBubblewrap(
    () => this.#nextOwner(),
    (owner) => this.#spawn({ owner, stdin: undefined, options: 'pipe', argv: scriptRunner }),
  );
  #report: IsolationReport | undefined;
  #program: string | undefined;
  #nextUser = 0;

  constructor(options: BubblewrapOptions) {
    this.#options = options;
    this.#dash = options.dash ?? hasDash();
    this.#etc = new EtcFolder(join(options.boxes, 'etc'));
    const filter = seccompFilter(process.arch);
    if (filter === undefined) return;
    this.#filter = join(options.boxes, 'seccomp');
    writeFileSync(this.#filter, filter, { mode: 0o600 });
  }

  /** Success is remembered; a failure is tried again, so that installing what is missing is enough. */
  async probe(): Promise<IsolationReport> {
    if (this.#report?.available === true) return this.#report;
    // No process is started ahead of the runs that may come.
    const isolation = { owner: () => this.owner(), start: (spec: BoxSpec) => this.#start(spec) };
    this.#report = await probeBubblewrap(isolation, this.#options.boxes, this.#filter !== undefined);
    return this.#report;
  }

  /** As root, each run belongs to a user of its own, so that the process limit counts (root is exempt) and holds. */
  owner(): number | undefined {
    return this.#ready.promise() ?? this.#nextOwner();
  }

  environment(spec: { interpreter: string; own: Record<string, string> }): Record<string, string> {
    return {
      PATH: [dirname(spec.interpreter), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: BOX_HOME,
      USER: 'user',
      LOGNAME: 'user',
      LANG: 'C.UTF-8',
      TMPDIR: '/tmp',
      ...spec.own,
    };
  }

  places(): { workspace: string; home: string; model: string } {
    return { workspace: BOX_WORKSPACE, home: BOX_HOME, model: BOX_MODEL };
  }

  workspacePath(_spec: { workspace: string }, path: string): string {
    return path === '' ? BOX_WORKSPACE : `${BOX_WORKSPACE}/${path}`;
  }

  async start(spec: BoxSpec): Promise<Box> {
    const box = await this.#start(spec);
    const prepare = (): void => {
      this.#ready.prepareSoon();
    };
    if (this.#dash) box.exited.then(prepare, () => undefined);
    return box;
  }

  /** Ends what waits for a run. None goes on any more. */
  dispose(): void {
    this.#ready.dispose();
    this.#stage?.dispose();
  }

  #nextOwner(): number | undefined {
    return this.#hasUsers ? boxUser(this.#nextUser++) : undefined;
  }

  async #start(wanted: BoxSpec): Promise<Box> {
    this.#etc.refresh();
    const { gate } = wanted;
    const spec = gate === undefined ? wanted : throughGate(wanted, gate, BOX_GATE, this.#options.bridge);
    const options = boxArguments(spec, {
      etc: join(this.#reach(this.#options.boxes), 'etc'),
      etcBound: this.#etc.bound,
      workspace: this.#reachWithin(spec.workspace),
      home: spec.home === undefined ? undefined : this.#reachWithin(spec.home),
      model: spec.model === undefined ? undefined : this.#reachWithin(spec.model),
      gate: gate === undefined ? undefined : this.#reachWithin(gate),
      source: (path) => this.#reach(path),
    });
    const started = this.#startReady(spec, options) ?? (await this.#startCold(spec, options));
    const { child, statusFd, stdout, stderr } = started;
    return runningBox(child, statusFd, stdout, stderr, temporaryFolders(spec));
  }

  #startReady(spec: BoxSpec, options: string[]): BubblewrapProcess | undefined {
    const script = spec.stdin === undefined ? scriptOptions(spec) : undefined;
    return this.#ready.use(spec.owner, script === undefined ? undefined : [...options, ...script]);
  }

  async #startCold(spec: BoxSpec, options: string[]): Promise<BubblewrapProcess> {
    const { owner, stdin, argv } = spec;
    const optionsFd = anonymousFile(this.#options.runtime, options.join('\0') + '\0');
    try {
      const started = {
        owner,
        stdin,
        options: optionsFd,
        argv: [...limitArguments(spec, this.#dash), ...argv],
      };
      return await this.#spawn(started);
    } finally {
      closeQuietly(optionsFd);
    }
  }

  #spawn(spec: Omit<BubblewrapSpec, 'bwrap' | 'filter' | 'runtime' | 'pipes'>): Promise<BubblewrapProcess> {
    this.#program ??= findProgram('bwrap');
    const bwrap = this.#program;
    if (bwrap === undefined) throw new OffloadError('no-isolation', 'bubblewrap is not installed.');
    const { runtime, pipes } = this.#options;
    return startBubblewrap({ ...spec, bwrap, filter: this.#filter, runtime, pipes });
  }

  #reach(path: string): string {
    return this.#stage?.place(path) ?? path;
  }

  /** Folders of boxes come and go: the one that they lie in is made reachable, once. */
  #reachWithin(path: string): string {
    const { boxes, shared = [] } = this.#options;
    const common = [boxes, ...shared].find((folder) => path.startsWith(`${folder}/`));
    return common === undefined ? this.#reach(path) : join(this.#reach(common), path.slice(common.length));
  }
}
