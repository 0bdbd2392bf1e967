import { createHash } from 'node:crypto';
import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { SnapshotEntry } from '../../../src/protocol/snapshot.ts';

/** Files of a tree by path; a string that begins with `->` is a link's target. */
type Files = Readonly<Record<string, string | Buffer>>;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Sends a tree to a sandbox, as a client does; gives the snapshot's name. */
export async function sendTree(sandbox: Sandbox, files: Files, executable: string[] = []): Promise<string> {
  const contents = new Map<string, Buffer>();
  const keep = (bytes: Buffer): string => {
    const hash = sha256(bytes);
    contents.set(hash, bytes);
    return hash;
  };
  const entries = Object.keys(files)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((path): SnapshotEntry => {
      const content = files[path] ?? '';
      if (typeof content === 'string' && content.startsWith('->'))
        return { kind: 'link', path, target: content.slice(2) };
      const bytes = Buffer.from(content);
      const mode = executable.includes(path) ? 0o755 : 0o644;
      return { kind: 'file', path, mode, size: bytes.length, hash: keep(bytes) };
    });
  const name = keep(Buffer.from(JSON.stringify({ format: 1, entries })));
  const missing = await sandbox.missing([...contents.keys()]);
  await sandbox.put(
    missing.map((hash) => ({
      hash,
      offset: 0,
      base64: contents.get(hash)?.toString('base64') ?? '',
      last: true,
    })),
  );
  return name;
}
