import * as z from 'zod/mini';

/** Bytes that a path may take, in UTF-8: Linux's PATH_MAX. */
export const MAX_PATH_BYTES = 4096;

/**
 * Whether a string is a path inside a workspace: relative, separated by `/`, normalised, so that joining it to a root
 * cannot leave the root by its text alone. Links and a file system's own folding of names are the applier's to check.
 */
export function isWorkspacePath(path: string): boolean {
  if (path === '' || path.includes('\0') || new TextEncoder().encode(path).length > MAX_PATH_BYTES)
    return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A path inside a workspace; see {@link isWorkspacePath}. */
export const workspacePathSchema = z
  .string()
  .check(z.refine(isWorkspacePath, 'must be a relative path inside the workspace, without "." or ".."'));
