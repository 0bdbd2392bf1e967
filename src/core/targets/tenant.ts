import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** A workspace as AWS knows it: by a hash, since paths say more than need be. The folder need not be there. */
export function tenantOf(folder: string): string {
  const path = resolve(folder);
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // Whoever reads the folder says what is wrong with it.
  }
  return createHash('sha256').update(real).digest('hex').slice(0, 32);
}
