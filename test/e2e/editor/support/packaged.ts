import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installVsix } from '../../../support/editor/install-vsix.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

let installed: Promise<string> | undefined;

/** A folder of extensions with Offload in it, installed from its package as a user does. Made once. */
export function installedExtension(): Promise<string> {
  installed ??= (async () => installVsix(process.env['OFFLOAD_TEST_VSIX'] ?? (await packaged())))();
  return installed;
}

/** The package of what has been built. */
async function packaged(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'vsix-')), 'offload.vsix');
  const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
  const args = ['package', '--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
  await promisify(execFile)(process.execPath, [vsce, ...args, '--out', file], { cwd: root });
  return file;
}
