import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { OffloadError } from '../../protocol/error.ts';

/** The backend that ships with this client. */
export interface BackendBuild {
  /** The folder that `npm run build` makes: `server.mjs`, `build.json`. */
  folder: string;
  /** Package version and content hash: two builds that differ never share a server. */
  id: string;
}

const buildSchema = z.object({ build: z.string().check(z.regex(/^[0-9A-Za-z.-]{1,40}$/)) });

/** @throws OffloadError `no-backend` where the folder holds no backend. */
export async function readBackendBuild(folder: string): Promise<BackendBuild> {
  try {
    const text = await readFile(join(folder, 'build.json'), 'utf8');
    return { folder, id: buildSchema.parse(JSON.parse(text)).build };
  } catch (cause) {
    throw new OffloadError('no-backend', `There is no backend in ${folder}.`, {
      fix: 'Install Offload again; in a checkout, run "npm run build".',
      cause,
    });
  }
}
