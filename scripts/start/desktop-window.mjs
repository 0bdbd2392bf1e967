import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { machinePath } from '../setup/command.mjs';
import { root, say } from '../setup/project.mjs';
import { ownPlaces } from './own-places.mjs';
import { settings } from './settings.mjs';

/**
 * Opens a folder in a desktop VS Code of its own, apart from the windows and settings that the user has. `ended`
 * resolves when the user has closed it.
 */
export async function openOnDesktop({ folder, workspace, executable }) {
  const user = join(folder, 'user');
  mkdirSync(join(user, 'User'), { recursive: true });
  writeFileSync(join(user, 'User', 'settings.json'), JSON.stringify(settings, null, 2));
  const env = { ...process.env, ...displayPlaces(), ...ownPlaces(folder), PATH: machinePath() };
  for (const name of ['VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE']) delete env[name];
  const window = spawn(
    executable,
    [
      workspace,
      join(workspace, 'simulate.py'),
      `--extensionDevelopmentPath=${root}`,
      ...['--user-data-dir', user, '--extensions-dir', join(folder, 'extensions'), '--new-window'],
      // Chromium's own sandbox does not work for root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
    { env, stdio: 'ignore', detached: true },
  );
  await once(window, 'spawn');
  say(`VS Code is open on ${workspace}`);
  return { ended: once(window, 'exit').then(() => undefined) };
}

/** Where the display and the desktop's bus are, which else are looked for in the runtime folder. */
function displayPlaces() {
  const { XDG_RUNTIME_DIR: runtime, WAYLAND_DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: bus } = process.env;
  if (runtime === undefined) return {};
  return {
    ...(display === undefined ? {} : { WAYLAND_DISPLAY: resolve(runtime, display) }),
    ...(bus === undefined && existsSync(join(runtime, 'bus'))
      ? { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(runtime, 'bus')}` }
      : {}),
  };
}
