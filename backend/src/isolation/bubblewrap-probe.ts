import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import type { IsolationReport } from '../../../src/protocol/reply.ts';
import type { Isolation } from './box.ts';
import { findProgram } from './find-program.ts';
import type { OutputPipe } from './pipes.ts';

const run = promisify(execFile);

type BoxMaker = Pick<Isolation, 'owner' | 'start'>;

/** Makes a real box and runs a program in it. */
export async function probeBubblewrap(
  isolation: BoxMaker,
  boxes: string,
  filtered: boolean,
): Promise<IsolationReport> {
  if (process.platform !== 'linux') return unavailable('Runs on this machine need Linux.', otherPlatform());
  const bwrap = findProgram('bwrap');
  if (bwrap === undefined) return unavailable('bubblewrap is not installed.', `Install it: ${installLine()}`);
  try {
    const { stdout } = await run(bwrap, ['--version']);
    const failure = await tryBox(isolation, boxes);
    if (failure !== undefined)
      return unavailable(`bubblewrap cannot make a sandbox here: ${failure}`, advice(failure));
    const parts = [
      stdout.trim(),
      'own namespaces',
      filtered ? 'seccomp filter' : 'no seccomp filter',
      'no network',
    ];
    return { kind: 'bubblewrap', available: true, detail: parts.join(', ') };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unavailable(`bubblewrap cannot make a sandbox here: ${why}`, advice(why));
  }
}

/** What went wrong, in bubblewrap's own words, or undefined. */
async function tryBox(isolation: BoxMaker, boxes: string): Promise<string | undefined> {
  const workspace = mkdtempSync(join(boxes, 'probe-'));
  try {
    const owner = isolation.owner();
    if (owner !== undefined) await chown(workspace, owner, owner);
    const limits = effectiveLimits({});
    const spec = {
      workspace,
      owner,
      argv: ['/bin/sh', '-c', 'echo made'],
      env: {},
      readOnly: [],
      stdin: undefined,
      limits,
    };
    const box = await isolation.start({ ...spec, memoryLimit: 'as' });
    const [out, err, exit] = await Promise.all([
      textOf(box.stdout),
      textOf(box.stderr),
      box.exited.catch(() => undefined),
    ]);
    if (exit?.exitCode === 0 && out === 'made\n') return undefined;
    return err.trim() === '' ? 'it said nothing' : err.trim();
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

async function textOf(pipe: OutputPipe): Promise<string> {
  let text = '';
  await pipe.read((chunk) => {
    text += chunk.toString('utf8');
    return undefined;
  });
  return text;
}

const unavailable = (detail: string, fix: string): IsolationReport => ({
  kind: 'bubblewrap',
  available: false,
  detail,
  fix,
});

const otherPlatform = (): string =>
  process.platform === 'win32'
    ? 'Open the folder in WSL (Remote - WSL); Offload runs there.'
    : 'Open the folder on a Linux machine, in a container or over Remote - SSH; Offload runs there.';

/** How user namespaces are allowed where a system forbids them; seen as these messages. */
function advice(failure: string): string {
  if (/uid map|namespace|Permission denied|Operation not permitted/i.test(failure)) {
    return (
      'This system does not let users make namespaces. On Ubuntu 24.04 and later: ' +
      'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 ' +
      '(or an AppArmor profile for bwrap); elsewhere: sudo sysctl -w user.max_user_namespaces=15000.'
    );
  }
  return `Install it again: ${installLine()}`;
}

/** The line that installs bubblewrap on this distribution, by os-release(5). */
function installLine(): string {
  const release = readRelease();
  if (/^ID(_LIKE)?=.*(fedora|rhel|centos)/m.test(release)) return 'sudo dnf install bubblewrap';
  if (/^ID(_LIKE)?=.*arch/m.test(release)) return 'sudo pacman -S bubblewrap';
  if (/^ID(_LIKE)?=.*suse/m.test(release)) return 'sudo zypper install bubblewrap';
  if (/^ID=.*alpine/m.test(release)) return 'sudo apk add bubblewrap util-linux-misc';
  return 'sudo apt-get install bubblewrap';
}

function readRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
