import { OffloadError } from '../../protocol/error.ts';
import type { Platform } from './platform.ts';

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
  /** The version that is tested with. */
  version: string;
  /**
   * The npm packages with a platform's own program, in the order of preference: the first is the one to install. What would
   * bring them all is another package, of which npm leaves out in silence what it could not fetch.
   */
  packages: (platform: Platform) => readonly [string, ...string[]];
  /** The program's path in such a package, where the system adds no ending to it. */
  place: string;
  licence: { name: string; url: string };
  /** About how many bytes it takes once it is installed. */
  bytes: number;
}

const MB = 1_000_000;

export const AGENTS: readonly CatalogAgent[] = [
  {
    id: 'claude-code',
    name: 'Claude Code',
    programs: ['claude'],
    args: [],
    version: '2.1.329',
    packages: ({ os, arch, musl }) => [`@anthropic-ai/claude-code-${os}-${arch}${musl ? '-musl' : ''}`],
    place: 'claude',
    licence: {
      name: 'Anthropic’s legal agreements (proprietary)',
      // As the package's LICENSE.md says.
      url: 'https://code.claude.com/docs/en/legal-and-compliance',
    },
    bytes: 378 * MB,
  },
  {
    id: 'opencode',
    name: 'opencode',
    programs: ['opencode'],
    args: [],
    version: '1.18.33',
    packages: ({ os, arch, musl }) => {
      const usual = `opencode-${os === 'win32' ? 'windows' : os}-${arch}`;
      const libc = musl ? '-musl' : '';
      // The usual build for x64 needs AVX2, which not every processor has.
      return arch === 'x64' ? [`${usual}-baseline${libc}`, usual + libc] : [usual + libc];
    },
    place: 'bin/opencode',
    licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    bytes: 185 * MB,
  },
];

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
