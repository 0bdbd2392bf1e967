import { format } from 'node:util';
import type { Page } from 'playwright-core';
import type { Result } from '../reporting/result.ts';
import { develop, openPage, workbenchAddress } from './browser.ts';
import { hostRunVariable, type HostRun } from './host-run.ts';
import { passResultsOn } from './pass-results-on.ts';
import { startServer, type ServerOptions } from './server.ts';

export interface InHostOptions extends ServerOptions {
  /** The extension under test, absolute. */
  extension: string;
  /** The script whose `run` the extension host calls, absolute. */
  tests: string;
  /** The folder to open, or the file of a workspace of several, absolute. */
  workspace: string;
  run: HostRun;
  /** Takes each result as it comes. */
  onResult: (result: Result) => void;
  /** Milliseconds without a result after which the editor counts as dead. */
  silenceLimit?: number;
}

/** What the workbench logs at every start, without a bearing on the tests. */
const noise =
  /AgentHost|AccountPolicyGate|additional builtin|Creating a socket|remote-connection|Service Worker/;

/**
 * Runs bundled test files in the extension host of an editor of its own. Gives what went wrong with the editor
 * itself, or undefined when the suite ran to its end, whatever became of its tests.
 */
export async function runInHost(options: InHostOptions): Promise<string | undefined> {
  const env = { ...options.env, ...hostRunVariable(options.run) };
  const server = await startServer({ ...options, env });
  try {
    const { browser, page } = await openPage();
    try {
      const log: string[] = [];
      const death = Promise.race([
        pageEnd(page, log),
        server.ended.then((lines) => `the editor's server ended:\n${lines}`),
      ]);
      const { extension, tests } = options;
      await develop(page, server, { extension, tests });
      await page.goto(workbenchAddress(server, options.workspace));
      const problem = await passResultsOn({ ...options, death });
      return problem === undefined ? undefined : [problem, ...log.slice(-10)].join('\n    ');
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** Resolves when the page dies, or when the workbench says that the tests are over, with what it is about. */
async function pageEnd(page: Page, log: string[]): Promise<string> {
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
    const text = format(...args);
    if (!noise.test(text)) log.push(text.slice(0, 1000));
  });
  return new Promise((resolve) => {
    page.once('crash', () => {
      resolve("the browser's page crashed");
    });
    page.once('close', () => {
      resolve("the browser's page was closed");
    });
    void page.exposeFunction('codeAutomationExit', (code: number) => {
      resolve(`the extension host ended its tests early (code ${String(code)})`);
    });
  });
}
