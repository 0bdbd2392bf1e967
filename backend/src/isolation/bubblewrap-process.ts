import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { anonymousFile } from './anonymous-file.ts';
import { closeQuietly, type OutputPipe, type Pipes } from './pipes.ts';

/** How bubblewrap is started, but for the options of the box. */
export interface BubblewrapSpec {
  /** The path of bubblewrap. */
  bwrap: string;
  /** A file that holds a seccomp filter, if any. */
  filter: string | undefined;
  /** A folder that only this user can enter. */
  runtime: string;
  pipes: Pipes;
  /** The user to make the box as, where it is not the backend's own. */
  owner: number | undefined;
  /** A file descriptor, a stream that is written to later, or nothing to read. */
  stdin: number | 'pipe' | undefined;
  /** The options of the box: a file descriptor, or a stream that they are written to later. */
  options: number | 'pipe';
  /** What runs in the box. */
  argv: readonly string[];
}

/** A bubblewrap process, with what it holds of the backend's. */
export interface BubblewrapProcess {
  child: ChildProcess;
  stdout: OutputPipe;
  stderr: OutputPipe;
  /** A file that it reports to; closed by whoever has the process. */
  statusFd: number;
}

/** Starts bubblewrap. Descriptors that are handed to it stay the caller's. */
export async function startBubblewrap(spec: BubblewrapSpec): Promise<BubblewrapProcess> {
  const [out, err] = await Promise.all([spec.pipes.take(), spec.pipes.take()]);
  const handedOver = [out.writeFd, err.writeFd];
  let statusFd: number | undefined;
  try {
    statusFd = anonymousFile(spec.runtime, '');
    const filterFds = spec.filter === undefined ? [] : [openSync(spec.filter, 'r')];
    handedOver.push(...filterFds);
    const argv = [
      ...['--args', '3', '--json-status-fd', '4'],
      ...filterFds.flatMap(() => ['--seccomp', '5']),
      ...['--', ...spec.argv],
    ];
    const child = spawn(spec.bwrap, argv, {
      ...(spec.owner === undefined ? {} : { uid: spec.owner, gid: spec.owner }),
      env: {},
      cwd: '/',
      stdio: [spec.stdin ?? 'ignore', out.writeFd, err.writeFd, spec.options, statusFd, ...filterFds],
    });
    return { child, stdout: out.reader, stderr: err.reader, statusFd };
  } catch (error) {
    out.reader.close();
    err.reader.close();
    if (statusFd !== undefined) closeQuietly(statusFd);
    throw error;
  } finally {
    handedOver.forEach(closeQuietly);
  }
}
