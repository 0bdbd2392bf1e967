import { OffloadError } from '../../protocol/error.ts';

/** An agent that can be found on a machine, or be installed by its user's yes. A further one is a further row. */
export interface CatalogAgent {
  /** The adapter's id, as in requests. */
  id: string;
  /** Its name for people. */
  name: string;
  /** Names of its program on PATH. */
  programs: readonly string[];
  /** Arguments that it is started with, where the adapter does not know them. */
  args: readonly string[];
  /** The npm package that brings it, at the version that is tested with. */
  package: { name: string; version: string };
  /** The platform's own program in a folder of npm's, relative to it, in the order of preference. */
  places: (platform: NodeJS.Platform, arch: string) => readonly string[];
  licence: { name: string; url: string };
  /** About how many bytes it takes once it is installed. */
  bytes: number;
}

const MB = 1024 * 1024;

export const AGENTS: readonly CatalogAgent[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    programs: ['claude'],
    args: [],
    package: { name: '@anthropic-ai/claude-code', version: '2.1.329' },
    places: (platform, arch) =>
      ['', '-musl'].map(
        (libc) =>
          `node_modules/@anthropic-ai/claude-code-${platform}-${arch}${libc}/${exe('claude', platform)}`,
      ),
    licence: {
      name: 'Anthropic’s legal agreements (proprietary)',
      // As the package's LICENSE.md says.
      url: 'https://code.claude.com/docs/en/legal-and-compliance',
    },
    bytes: 377 * MB,
  },
  {
    id: 'opencode',
    name: 'opencode',
    programs: ['opencode'],
    args: [],
    package: { name: 'opencode-ai', version: '1.18.33' },
    places: (platform, arch) =>
      ['', '-baseline', '-musl', '-baseline-musl'].map(
        (kind) =>
          `node_modules/opencode-${platform === 'win32' ? 'windows' : platform}-${arch}${kind}/bin/${exe('opencode', platform)}`,
      ),
    licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    bytes: 177 * MB,
  },
];

const exe = (name: string, platform: NodeJS.Platform): string =>
  platform === 'win32' ? `${name}.exe` : name;

/** @throws OffloadError `no-agent` */
export function catalogAgent(id: string): CatalogAgent {
  const agent = AGENTS.find((each) => each.id === id);
  if (agent !== undefined) return agent;
  throw new OffloadError(
    'no-agent',
    `There is no agent ${JSON.stringify(id)} that can be found or installed.`,
    {
      fix: `Choose one of ${AGENTS.map((each) => each.id).join(', ')}, or give the path of its program.`,
    },
  );
}
