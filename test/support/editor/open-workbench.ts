import type { Browser } from 'playwright-core';
import { develop, openPage, workbenchAddress, type DevelopmentOptions } from './browser.ts';
import { startServer, type EditorServer, type ServerOptions } from './server.ts';
import { Workbench } from './workbench.ts';

export interface WorkbenchOptions extends ServerOptions {
  /** The folder to open, absolute. */
  workspace: string;
  /** An extension to load from its folder; installed ones are in `extensions`. */
  develop?: DevelopmentOptions;
}

export interface OpenWorkbench {
  workbench: Workbench;
  server: EditorServer;
  /** Ends browser and server. */
  close(): Promise<void>;
}

/** Starts an editor of its own and opens a folder in it; it can be used when the promise resolves. */
export async function openWorkbench(options: WorkbenchOptions): Promise<OpenWorkbench> {
  const server = await startServer(options);
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await server.stop();
  };
  try {
    const opened = await openPage();
    browser = opened.browser;
    if (options.develop !== undefined) await develop(opened.page, server, options.develop);
    await opened.page.goto(workbenchAddress(server, options.workspace));
    const workbench = new Workbench(opened.page);
    await workbench.waitReady();
    return { workbench, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}
