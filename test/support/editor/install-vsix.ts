import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requiredTools } from './tools.ts';

/**
 * Installs an extension's package as a user does and gives the folder of extensions that it is in, for
 * `startServer`. The folder is left to the test run, which removes it.
 */
export async function installVsix(vsix: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ext-'));
  const extensions = join(folder, 'extensions');
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
  };
  const args = ['--user-data-dir', join(folder, 'user'), '--extensions-dir', extensions];
  await promisify(execFile)(
    process.execPath,
    [requiredTools().entry, ...args, '--install-extension', vsix, '--force'],
    { env },
  );
  return extensions;
}
