import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageExtension } from '../setup/build.mjs';
import { machinePath, run } from '../setup/command.mjs';
import { ensureEditor } from '../setup/editor.mjs';
import { node24 } from '../setup/node24.mjs';
import { SetupError, say } from '../setup/project.mjs';
import { editorPackages, ensurePackages } from '../setup/system-packages.mjs';
import { ownPlaces } from './own-places.mjs';
import { settings } from './settings.mjs';

/** Milliseconds until the server has to answer. */
const START_LIMIT = 60_000;

/**
 * Opens a folder in VS Code in the browser: a server on a loopback port, which asks for a password that is printed
 * and made for this start alone, because whoever reaches the port could else run programs as this user. `ended`
 * resolves with what to say when the server ends.
 */
export async function openInBrowser({ folder, workspace }) {
  await ensurePackages(editorPackages);
  const entry = await ensureEditor();
  const vsix = join(folder, 'offload.vsix');
  await packageExtension(vsix);
  const password = randomBytes(12).toString('base64url');
  const port = await freePort();
  const place = join(folder, 'editor');
  mkdirSync(join(place, 'user', 'User'), { recursive: true });
  writeFileSync(join(place, 'user', 'User', 'settings.json'), JSON.stringify(settings, null, 2));
  const args = [
    ...['--config', join(place, 'config.yaml'), '--user-data-dir', join(place, 'user')],
    ...['--extensions-dir', join(place, 'extensions'), '--disable-telemetry', '--disable-update-check'],
  ];
  const env = editorEnvironment(folder, password);
  const log = join(place, 'server.log');
  if ((await run(node24().path, [entry, ...args, '--install-extension', vsix], { env, log })) !== 0) {
    throw new SetupError(`the extension could not be installed: ${lastLines(log)}`);
  }
  const output = openSync(log, 'a');
  const server = spawn(
    node24().path,
    [
      entry,
      ...args,
      '--auth',
      'password',
      '--bind-addr',
      `127.0.0.1:${port}`,
      '--ignore-last-opened',
      workspace,
    ],
    { env, stdio: ['ignore', output, output], detached: true },
  );
  closeSync(output);
  const ended = once(server, 'exit').then(() => `VS Code ended by itself: ${lastLines(log)}`);
  await answering(port, server, log);
  say(`VS Code is open at http://127.0.0.1:${port}/`);
  say(`its password: ${password}`);
  return { ended };
}

function editorEnvironment(folder, password) {
  const env = { ...process.env, ...ownPlaces(folder), PATH: machinePath(), PASSWORD: password };
  for (const name of ['PORT', 'VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS', 'ELECTRON_RUN_AS_NODE'])
    delete env[name];
  return env;
}

async function answering(port, server, log) {
  const until = Date.now() + START_LIMIT;
  const healthy = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await healthy())) {
    if (server.exitCode !== null || Date.now() > until) {
      throw new SetupError(`VS Code in the browser did not start: ${lastLines(log)}`);
    }
    await sleep(100);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const lastLines = (log) => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
