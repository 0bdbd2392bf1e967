import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { activateInTurn } from './stopwatch.ts';

/** The extension that does nothing. */
export const EMPTY = 'bench.empty';
const STOPWATCH = 'bench.stopwatch';

/** Milliseconds that it waits for an idle host. */
const IDLE_LIMIT = 7000;

/**
 * Puts two extensions into a folder of extensions that nothing is installed in yet: an empty one, and one that
 * activates it and `other` in each window and writes down, as JSON in `reports`, the milliseconds that each took.
 */
export function putExtensions(extensions: string, other: string, reports: string): void {
  mkdirSync(reports, { recursive: true });
  put(extensions, EMPTY, 'onStartupFinished', 'exports.activate = () => undefined;\n');
  const given = [[other, EMPTY], reports, IDLE_LIMIT].map((each) => JSON.stringify(each)).join();
  const call = `(require('vscode'), require('node:fs'), ${given})`;
  // Before all that waits for the start to be finished.
  put(extensions, STOPWATCH, '*', `exports.activate = () => (${activateInTurn.toString()})${call};\n`);
}

function put(extensions: string, id: string, activationEvent: string, code: string): void {
  const [publisher, name] = id.split('.');
  const folder = join(extensions, `${id}-1.0.0`);
  mkdirSync(folder, { recursive: true });
  const manifest = {
    ...{ publisher, name, version: '1.0.0', engines: { vscode: '^1.101.0' } },
    ...{ main: './main.js', activationEvents: [activationEvent], extensionKind: ['workspace'] },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'main.js'), code);
}
