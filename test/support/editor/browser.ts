import { chromium, type Browser, type Page } from 'playwright-core';
import { WAIT_LIMIT } from '../limits.ts';
import type { EditorServer } from './server.ts';
import { requiredTools } from './tools.ts';

/** What the page loads besides the server's own: an extension under development, and tests to run in its host. */
export interface DevelopmentOptions {
  /** The extension's folder, absolute. */
  extension: string;
  /** The script whose `run` the extension host calls, absolute. */
  tests?: string;
}

export interface OpenPage {
  browser: Browser;
  page: Page;
}

/** Opens an empty page in a headless Chromium. Its process ends with `browser.close()`. */
export async function openPage(): Promise<OpenPage> {
  const browser = await chromium.launch({
    executablePath: requiredTools().browser,
    // Whoever opens the browser closes it; by itself Playwright would end this process on a signal.
    ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.setDefaultTimeout(WAIT_LIMIT);
  return { browser, page };
}

/** The ending of a file that names the folders of a workspace. */
export const WORKSPACE_FILE = '.code-workspace';

/** The address of the workbench on a folder, or on a workspace of several by its file. */
export const workbenchAddress = (server: EditorServer, path: string) => {
  const query = path.endsWith(WORKSPACE_FILE) ? { workspace: path } : { folder: path };
  return `http://${server.host}/?${new URLSearchParams(query).toString()}`;
};

/**
 * Makes the workbench that the page opens next load an extension from its folder. A built workbench ignores the
 * address's own `payload` for this, so the options go into the configuration that the page carries, before the
 * workbench reads it.
 */
export async function develop(page: Page, server: EditorServer, options: DevelopmentOptions): Promise<void> {
  const uri = (path: string) => ({ $mid: 1, scheme: 'vscode-remote', authority: server.host, path });
  const development = {
    extensions: [uri(options.extension)],
    ...(options.tests === undefined ? {} : { extensionTestsPath: uri(options.tests) }),
  };
  await page.addInitScript(`(${intoConfiguration.toString()})(${JSON.stringify(development)})`);
}

/** Runs in the page, so it is passed on as text and uses nothing from around it. */
function intoConfiguration(development: object): void {
  const page = globalThis as unknown as {
    top: unknown;
    Element: { prototype: { getAttribute(this: { id: string }, name: string): string | null } };
  };
  if (page.top !== globalThis) return;
  const prototype = page.Element.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the element that it is called on here
  const original = prototype.getAttribute;
  prototype.getAttribute = function (name) {
    const value = original.call(this, name);
    if (name !== 'data-settings' || this.id !== 'vscode-workbench-web-configuration') return value;
    if (value === null) return value;
    const configuration = JSON.parse(value) as { developmentOptions?: object };
    configuration.developmentOptions = { ...configuration.developmentOptions, ...development };
    return JSON.stringify(configuration);
  };
}
