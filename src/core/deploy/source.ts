import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { OffloadError } from '../../protocol/error.ts';

/** A backend that can be deployed: what `npm run build` made of `backend`. */
export interface BackendSource {
  /** 64 hex digits: names and contents of all files. */
  hash: string;
  files: ReadonlyMap<string, Uint8Array>;
  /** The CloudFormation template's text, and its own version. */
  template: string;
  templateVersion: number;
}

const manifestSchema = z.object({
  files: z
    .array(z.string().check(z.regex(/^[a-zA-Z0-9][\w.-]*(\/[a-zA-Z0-9][\w.-]*)*$/)))
    .check(z.minLength(1)),
});

/**
 * Reads the backend's folder: the files that its `build.json` lists, and no other.
 * @throws OffloadError `no-backend` where it is not whole
 */
export async function readBackendSource(folder: string): Promise<BackendSource> {
  try {
    const { files: names } = manifestSchema.parse(
      JSON.parse(await readFile(join(folder, 'build.json'), 'utf8')),
    );
    const files = new Map<string, Uint8Array>();
    for (const name of [...names, 'build.json'].sort()) files.set(name, await readFile(join(folder, name)));
    const template = Buffer.from(files.get('template.yaml') ?? []).toString();
    const version = /^ {2}OffloadTemplateVersion: (\d+)$/m.exec(template)?.[1];
    if (version === undefined) throw new Error('template.yaml has no version');
    return { hash: hashOf(files), files, template, templateVersion: Number(version) };
  } catch (cause) {
    throw new OffloadError('no-backend', `There is no backend to deploy in ${folder}.`, {
      fix: 'Install Offload again; in a checkout, run "npm run build".',
      cause,
    });
  }
}

function hashOf(files: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash('sha256');
  for (const [name, content] of files) {
    // Lengths keep one division into files apart from another.
    hash.update(`${name}\n${String(content.length)}\n`).update(content);
  }
  return hash.digest('hex');
}

/** The earliest time that a zip can say. Files have no other, so that the same contents are the same bytes. */
const ZIP_EPOCH = new Date(Date.UTC(1980, 0, 1));

/** The backend as a zip: the same bytes for the same contents. */
export async function zipOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const { default: JSZip } = await import('jszip');
  const zip = new JSZip();
  for (const [name, content] of files) zip.file(name, content, { date: ZIP_EPOCH, createFolders: false });
  return zip.generateAsync({
    type: 'uint8array',
    compression: 'DEFLATE',
    compressionOptions: { level: 9 },
    platform: 'UNIX',
  });
}
