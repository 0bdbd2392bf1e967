// npm run test:desktop: the tests of the host tier in desktop VS Code, through @vscode/test-electron.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build } from './setup/build.mjs';
import { findProgram, machinePath, run } from './setup/command.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { desktopEditor, noDisplay } from './setup/desktop-editor.mjs';
import { main } from './setup/main.mjs';
import { node24 } from './setup/node24.mjs';
import { SetupError, root, say } from './setup/project.mjs';

/** The exit code that says that the tests could not run, as against that they failed. */
const CANNOT_RUN = 3;

await main(async () => {
  await ensureDependencies();
  const display = displayCommand();
  if (display === undefined) {
    return cannotRun(
      `${noDisplay()}; run it in a desktop session, or install xvfb (sudo apt-get install xvfb)`,
    );
  }
  const editor = await foundOrDownloaded();
  if (editor.missing !== undefined) return cannotRun(editor.missing);
  say(`testing in ${editor.path}`);
  await build();
  const [program, ...args] = [...display, node24().path, join(root, 'test', 'run.ts'), 'desktop'];
  return run(program, [...args, ...process.argv.slice(2)], {
    cwd: root,
    env: {
      XAUTHORITY: join(homedir(), '.Xauthority'),
      ...process.env,
      PATH: machinePath(),
      OFFLOAD_TEST_VSCODE: editor.path,
    },
  });
});

/** What to start a program with a window by: nothing on a desktop, xvfb where that is; undefined for neither. */
function displayCommand() {
  if (noDisplay() === undefined) return [];
  const xvfb = findProgram('xvfb-run');
  return xvfb === undefined ? undefined : [xvfb, '-a'];
}

async function foundOrDownloaded() {
  const path = desktopEditor();
  if (path !== undefined) return { path };
  say('no VS Code on the PATH; downloading one');
  const { SilentReporter, downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  try {
    const cachePath = join(root, '.cache', 'vscode-test');
    return { path: await downloadAndUnzipVSCode({ cachePath, reporter: new SilentReporter() }) };
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const advice = 'install VS Code, or set OFFLOAD_VSCODE_PATH to its executable';
    return { missing: `VS Code is not installed and cannot be downloaded (${error.message}); ${advice}` };
  }
}

function cannotRun(reason) {
  console.error(`offload: the desktop tests cannot run here: ${reason}`);
  return CANNOT_RUN;
}
