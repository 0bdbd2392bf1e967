import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram } from './command.mjs';
import { SetupError } from './project.mjs';

/**
 * The executable of the desktop VS Code on this machine: OFFLOAD_VSCODE_PATH, else the one whose `code` command is
 * on the PATH. Undefined where there is none, and for a `code` that only talks to a window elsewhere.
 */
export function desktopEditor() {
  const own = process.env.OFFLOAD_VSCODE_PATH;
  if (own !== undefined) {
    if (existsSync(own)) return own;
    throw new SetupError(`OFFLOAD_VSCODE_PATH names ${own}, where there is no file`);
  }
  const command = findProgram('code');
  if (command === undefined) return undefined;
  const real = realpathSync(command);
  // A window of VS Code Server, or of code-server, has a `code` of its own in its terminals.
  if (real.includes('remote-cli')) return undefined;
  const folder = dirname(dirname(real));
  return [
    join(folder, 'code'),
    ...(process.platform === 'win32' ? [join(folder, 'Code.exe')] : []),
    join(folder, '..', '..', 'MacOS', 'Electron'),
    join(folder, '..', '..', 'MacOS', 'Code'),
    '/snap/code/current/usr/share/code/code',
  ].find((path) => path !== real && existsSync(path));
}

/** Why no window can be opened here, or undefined. */
export function noDisplay() {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  return 'this session has no display';
}
