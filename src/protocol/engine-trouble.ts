import { BUILD_IMAGE } from './container.ts';
import { OffloadError } from './error.ts';

interface Trouble {
  seen: RegExp;
  code: 'no-engine' | 'no-image' | 'sandbox-failed';
  message: (engine: string) => string;
  fix: string;
}

/** What engines say (Docker 28, podman 4 and 5, crun, runc), and what it means. */
const TROUBLES: readonly Trouble[] = [
  {
    seen: /permission denied.*docker.*sock|docker.*sock.*permission denied/is,
    code: 'no-engine',
    message: () => "This user may not speak to Docker: its socket is another group's.",
    fix: 'Join the group docker and log in again (sudo usermod -aG docker $USER), or use podman, which needs no group.',
  },
  {
    seen: /cannot connect to the docker daemon|is the docker daemon running|error during connect|docker_engine/i,
    code: 'no-engine',
    message: () => 'Docker is installed, but its daemon does not run.',
    fix: 'Start it: sudo systemctl start docker, or Docker Desktop.',
  },
  {
    seen: /cannot connect to podman|podman machine (init|start)|unable to connect to podman/i,
    code: 'no-engine',
    message: () => 'Podman is installed, but its machine does not run.',
    fix: 'Start it: podman machine init, then podman machine start.',
  },
  {
    seen: /no such image|image not known|unable to find image|no such object/i,
    code: 'no-image',
    message: (engine) => `The image is not there any more: ${engine} does not know it.`,
    fix: `Make it again: ${BUILD_IMAGE}.`,
  },
  {
    seen: /no space left on device|disk quota exceeded/i,
    code: 'sandbox-failed',
    message: (engine) => `The disk on which ${engine} keeps its images and containers is full.`,
    fix: 'Make room (its command "system prune" removes what is not used), then try again.',
  },
  {
    seen: /cgroups? in hybrid mode/i,
    code: 'sandbox-failed',
    message: () => 'The runtime crun does not work on this system, whose control groups are hybrid.',
    fix: 'Install runc, which does: sudo apt-get install runc.',
  },
  {
    seen: /cgroup.*(systemd|dbus|sd-bus)|(systemd|dbus|sd-bus).*cgroup|interactive authentication required/is,
    code: 'sandbox-failed',
    message: (engine) => `${engine} cannot make control groups: it asks systemd, which does not answer.`,
    fix: 'For podman set cgroup_manager = "cgroupfs" in containers.conf; see also "loginctl enable-linger".',
  },
  {
    seen: /newuidmap|subuid|subgid|no subordinate|insufficient uids or gids/i,
    code: 'sandbox-failed',
    message: (engine) => `${engine} has no ids to give to this user's containers.`,
    fix: 'Give it some: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER, then podman system migrate.',
  },
  {
    seen: /setting rlimit|setrlimit/i,
    code: 'sandbox-failed',
    message: (engine) =>
      `${engine} may not give a container as much as was asked for: open files or processes.`,
    fix: 'Lower the limits, or raise those of the engine (ulimit -H).',
  },
  {
    seen: /oci runtime|runc|crun/i,
    code: 'sandbox-failed',
    message: (engine) => `${engine} could not start the container.`,
    fix: 'See whether it can run anything at all: "offload doctor" tells more.',
  },
];

/** What an engine's failure means, by what it said. Its own words are the end of the message. */
export function engineTrouble(engine: string, said: string, cause?: unknown): OffloadError {
  const found = TROUBLES.find(({ seen }) => seen.test(said));
  const words = lastWords(said);
  const message = found?.message(engine) ?? `${engine} failed.`;
  return new OffloadError(found?.code ?? 'sandbox-failed', words === '' ? message : `${message} (${words})`, {
    fix: found?.fix ?? 'Run "Offload: Doctor" (offload doctor) to see what is missing.',
    cause,
  });
}

/** Characters of an engine's own words that a message repeats. */
const MAX_WORDS = 300;

function lastWords(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const last =
    lines.findLast((line) => line !== '' && !/^(time=.*level=warn|See '|Run '|Usage:)/.test(line)) ?? '';
  return last.replace(/^(Error|ERRO\S*|docker): */i, '').slice(0, MAX_WORDS);
}
