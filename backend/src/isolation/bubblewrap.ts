import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OffloadError } from '../../../src/protocol/error.ts';
import { LIMIT_NAMES } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import { BOX_WORKSPACE } from '../../../src/protocol/workspace-folder.ts';
import type { Box, BoxSpec, Isolation } from './box.ts';
import { boxUser, hasBoxUsers } from './box-users.ts';
import { BOX_HOME, boxArguments } from './bubblewrap-arguments.ts';
import { probeBubblewrap } from './bubblewrap-probe.ts';
import { anonymousFile } from './anonymous-file.ts';
import { closeQuietly, type Pipes } from './pipes.ts';
import { runningBox } from './bubblewrap-box.ts';
import { seccompFilter } from './seccomp.ts';
import { canStage, Stage } from './stage.ts';
import { EtcFolder } from './etc-folder.ts';
import { findProgram } from './find-program.ts';
import { limitArguments } from './limit-arguments.ts';

export interface BubblewrapOptions {
  /** A folder for what boxes are made of, which everyone may enter and this user alone writes. */
  boxes: string;
  /** A folder that only this user can enter. */
  runtime: string;
  pipes: Pipes;
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
  #report: IsolationReport | undefined;
  #program: string | undefined;
  #nextUser = 0;

  constructor(options: BubblewrapOptions) {
    this.#options = options;
    this.#etc = new EtcFolder(join(options.boxes, 'etc'));
    const filter = seccompFilter(process.arch);
    if (filter === undefined) return;
    this.#filter = join(options.boxes, 'seccomp');
    writeFileSync(this.#filter, filter, { mode: 0o600 });
  }

  /** Success is remembered; a failure is tried again, so that installing what is missing is enough. */
  async probe(): Promise<IsolationReport> {
    if (this.#report?.available === true) return this.#report;
    this.#report = await probeBubblewrap(this, this.#options.boxes, this.#filter !== undefined);
    return this.#report;
  }

  /** As root, each run belongs to a user of its own, so that the process limit counts (root is exempt) and holds. */
  owner(): number | undefined {
    return this.#hasUsers ? boxUser(this.#nextUser++) : undefined;
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

  workspacePath(_spec: { workspace: string }, path: string): string {
    return path === '' ? BOX_WORKSPACE : `${BOX_WORKSPACE}/${path}`;
  }

  async start(spec: BoxSpec): Promise<Box> {
    this.#program ??= findProgram('bwrap');
    const bwrap = this.#program;
    if (bwrap === undefined) throw new OffloadError('no-isolation', 'bubblewrap is not installed.');
    const [out, err] = await Promise.all([this.#options.pipes.take(), this.#options.pipes.take()]);
    const { runtime } = this.#options;
    this.#etc.refresh();
    const options = boxArguments(spec, {
      etc: join(this.#reach(this.#options.boxes), 'etc'),
      etcBound: this.#etc.bound,
      workspace: this.#reachWorkspace(spec.workspace),
      source: (path) => this.#reach(path),
    });
    const optionsFd = anonymousFile(runtime, options.join('\0') + '\0');
    const statusFd = anonymousFile(runtime, '');
    const filterFd = this.#filter === undefined ? undefined : openSync(this.#filter, 'r');
    const argv = [
      ...['--args', '3', '--json-status-fd', '4'],
      ...(filterFd === undefined ? [] : ['--seccomp', '5']),
      ...['--', ...limitArguments(spec), ...spec.argv],
    ];
    const handedOver = [out.writeFd, err.writeFd, optionsFd, ...(filterFd === undefined ? [] : [filterFd])];
    const user = spec.owner === undefined ? {} : { uid: spec.owner, gid: spec.owner };
    try {
      const child = spawn(bwrap, argv, {
        ...user,
        env: {},
        cwd: '/',
        stdio: [
          spec.stdin,
          out.writeFd,
          err.writeFd,
          optionsFd,
          statusFd,
          ...(filterFd === undefined ? [] : [filterFd]),
        ],
      });
      return runningBox(child, statusFd, out.reader, err.reader);
    } catch (error) {
      out.reader.close();
      err.reader.close();
      closeQuietly(statusFd);
      throw error;
    } finally {
      handedOver.forEach(closeQuietly);
    }
  }

  #reach(path: string): string {
    return this.#stage?.place(path) ?? path;
  }

  /** Workspaces come and go: their common folder is made reachable, once. */
  #reachWorkspace(workspace: string): string {
    const { boxes } = this.#options;
    return join(this.#reach(boxes), workspace.slice(boxes.length));
  }
}
