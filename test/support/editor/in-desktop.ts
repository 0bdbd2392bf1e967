import { rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import { runTests } from '@vscode/test-electron';
import { hostRunVariable } from './host-run.ts';
import type { InHostOptions } from './in-host.ts';
import { passResultsOn } from './pass-results-on.ts';
import { freshProfile } from './profile.ts';

/**
 * Does what `runInHost` does, in the desktop VS Code of the given executable. Its test runner trusts every
 * workspace.
 */
export async function runInDesktop(executable: string, options: InHostOptions): Promise<string | undefined> {
  const profile = freshProfile(options.settings ?? {});
  const log: string[] = [];
  const sink = () =>
    new Writable({
      write(chunk, _encoding, done) {
        log.push(...String(chunk).trimEnd().split('\n'));
        done();
      },
    });
  const exit = runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: options.extension,
    extensionTestsPath: options.tests,
    extensionTestsEnv: { ...options.env, ...hostRunVariable(options.run) },
    launchArgs: [
      options.workspace,
      ...['--user-data-dir', profile.userData, '--extensions-dir', profile.extensions],
    ],
    stdout: sink(),
    stderr: sink(),
  }).then(
    () => 'VS Code ended early',
    (error: unknown) => `VS Code ended early: ${error instanceof Error ? error.message : String(error)}`,
  );
  const problem = await passResultsOn({ ...options, death: exit });
  // After the last result it is about to end by itself.
  if (problem === undefined) await exit;
  rmSync(profile.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  return problem === undefined ? undefined : [problem, ...log.slice(-10)].join('\n    ');
}
