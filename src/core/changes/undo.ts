import type { Folder } from './folder.ts';
import { sha256 } from './hash.ts';
import { removeEmptyFolders } from './parent.ts';
import { replaceFile, type Replacement, type Undo } from './replace.ts';
import { openRoot } from './root.ts';

/** {@link undoChange} below a root that is open already. */
export async function undoChangeIn(root: Folder, undo: Undo, signal?: AbortSignal): Promise<void> {
  const { path, before, after, folders } = undo;
  let wanted: Replacement['wanted'];
  if (before) {
    const { content, mode } = before;
    wanted = { hash: await sha256(content, signal), size: content.length, content, mode: { exact: mode } };
  }
  await replaceFile(root, { path, expected: after, wanted, overwrite: false, signal });
  await removeEmptyFolders(root, folders);
}

/**
 * Takes back what `applyChange` did: content, permission bits, and the folders that it made, where they are empty.
 * A file that is no longer what was applied is a `conflict` and stays. Throws as `applyChange` does.
 */
export async function undoChange(options: {
  readonly root: string;
  readonly undo: Undo;
  readonly signal?: AbortSignal | undefined;
}): Promise<void> {
  const root = await openRoot(options.root);
  try {
    await undoChangeIn(root, options.undo, options.signal);
  } finally {
    await root.close();
  }
}
