import { isWorkspacePath } from '../../src/protocol/path.ts';

/** Where a link of an agent's leads. */
export type LinkTarget =
  { kind: 'web'; href: string } | { kind: 'file'; path: string; line: number | undefined };

/** Where an agent sees the workspace. */
const WORKSPACE = '/workspace/';

/** What a link's address means; undefined for one that leads nowhere from here: commands, scripts, data, other schemes. */
export function linkTarget(address: string): LinkTarget | undefined {
  const href = address.trim();
  if (/^(https?:\/\/|mailto:)[^\s]+$/i.test(href) && href.length <= 4096) return { kind: 'web', href };
  const [, place = '', hashLine, colonLine] = /^([^#?]*?)(?:#L(\d+)\S*|:(\d+)(?::\d+)?)?$/.exec(href) ?? [];
  const path = decode(
    place.startsWith(WORKSPACE) ? place.slice(WORKSPACE.length) : place.replace(/^\.\//, ''),
  );
  if (
    path === undefined ||
    /^[a-z][a-z0-9+.-]*:/i.test(path) ||
    path.includes('\\') ||
    !isWorkspacePath(path)
  )
    return undefined;
  const line = Number(hashLine ?? colonLine);
  return { kind: 'file', path, line: Number.isSafeInteger(line) && line > 0 ? line : undefined };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
