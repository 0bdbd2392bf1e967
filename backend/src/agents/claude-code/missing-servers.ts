import { cutText } from '../cut.ts';

/** What becomes of a server of tools that cannot be used, in Claude Code's words and in ours. */
const REASONS: Readonly<Record<string, string>> = {
  failed: 'did not start',
  pending: 'does not answer',
};

/** Servers of which is told, and characters of a name. */
const MANY = 20;
const MAX_NAME = 64;

/** Servers of tools that the agent works without: each is told of once. */
export class MissingServers {
  readonly #told = new Set<string>();

  notices(servers: readonly { name: string; status: string }[] = []): string[] {
    return servers.flatMap(({ name: whole, status }) => {
      const reason = Object.hasOwn(REASONS, status) ? REASONS[status] : undefined;
      const name = cutText(whole, MAX_NAME);
      if (reason === undefined || this.#told.has(name) || this.#told.size >= MANY) return [];
      this.#told.add(name);
      return [
        `The tool server "${name}" ${reason}, and the agent works without it: see that its command is there in the box.`,
      ];
    });
  }
}
