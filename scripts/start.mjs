// npm start: runs the sample in the local sandbox, then opens it in an editor. See `npm start -- --help`.
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { build } from './setup/build.mjs';
import { onAskedToEnd } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { desktopEditor, noDisplay } from './setup/desktop-editor.mjs';
import { main } from './setup/main.mjs';
import { endProcessesOf } from './setup/processes.mjs';
import { root, say } from './setup/project.mjs';
import { ensurePackages, sandboxPackages } from './setup/system-packages.mjs';
import { openInBrowser } from './start/browser-editor.mjs';
import { openOnDesktop } from './start/desktop-window.mjs';
import { runSample } from './start/sample-run.mjs';

/** The exit code of what a signal has ended. */
const INTERRUPTED = 130;

const help = `npm start -- [--once] [--browser]

Installs what is missing, builds, and runs a sample program in the local sandbox. Then opens an editor with the
extension on a copy of the sample: desktop VS Code when \`code\` is on the PATH, else VS Code in the browser. It
stays until Ctrl+C; then everything it started has ended, and the copy is gone.

--once     ends after the sample, with its exit code, and installs no editor
--browser  opens VS Code in the browser also where there is a desktop one
`;

await main(async () => {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, browser: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  await ensureDependencies();
  await ensurePackages(sandboxPackages);
  await build();
  // Everything that is started knows this folder, by which it is found again at the end.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offload-')));
  const editor = { isOpen: false, ending: false };
  const asked = new Promise((resolve) => onAskedToEnd(resolve));
  const work = sampleThenEditor(folder, values, editor);
  try {
    const code = asked.then(() => {
      editor.ending = true;
      return editor.isOpen ? 0 : INTERRUPTED;
    });
    return await Promise.race([work, code]);
  } finally {
    await endProcessesOf(folder);
    // What was under way ends with its processes.
    await Promise.race([work.catch(() => undefined), sleep(5000, undefined, { ref: false })]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});
process.exit();

async function sampleThenEditor(folder, { once, browser }, editor) {
  const code = await runSample(folder);
  if (once || code !== 0) return code;
  const workspace = join(folder, 'first-run');
  cpSync(join(root, 'media', 'samples', 'first-run'), workspace, { recursive: true });
  const executable = browser ? undefined : desktopExecutable();
  const open = executable === undefined ? openInBrowser : openOnDesktop;
  const { ended } = await open({ folder, workspace, executable });
  editor.isOpen = true;
  say('Ctrl+C ends it');
  const problem = await ended;
  if (problem === undefined || editor.ending) return 0;
  say(problem);
  return 1;
}

function desktopExecutable() {
  const executable = desktopEditor();
  if (executable === undefined || noDisplay() === undefined) return executable;
  say(`${noDisplay()}, so VS Code opens in the browser`);
  return undefined;
}
