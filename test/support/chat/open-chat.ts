import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { pageHtml } from '../../../src/editor/chat/page-html.ts';
import { openPage } from '../editor/browser.ts';
import type { Theme } from '../editor/themes.ts';
import type { FakeHost } from './fake-host.ts';
import themeVariables from './theme-variables.json' with { type: 'json' };

const built = new URL('../../../dist/webview/', import.meta.url);
const FILES: Readonly<Record<string, string>> = {
  '/chat.js': 'text/javascript',
  '/chat-style.css': 'text/css',
};

export interface OpenChat {
  page: Page;
  /** Addresses that the page has tried to load, its own page, script and style left out. */
  requests: string[];
  /** What broke the content security policy, and what was thrown in the page. */
  violations: string[];
  close(): Promise<void>;
}

export interface ChatOptions {
  theme?: Theme;
  /** Pixels; those of a sidebar by default. */
  width?: number;
  height?: number;
}

/** Opens the built page of the chat in a browser, as the editor does: same page, same policy, same variables. */
export async function openChat(host: FakeHost, options: ChatOptions = {}): Promise<OpenChat> {
  const { theme = 'dark', width = 360, height = 800 } = options;
  const { server, address } = await serve();
  const { browser, page } = await openPage();
  const close = async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  };
  try {
    await page.setViewportSize({ width, height });
    const opened = { page, requests: [] as string[], violations: [] as string[], close };
    await watch(page, address, opened);
    await page.exposeFunction('toHost', (message: unknown) => host.take(message));
    await page.addInitScript(standIn, { variables: themeVariables[theme], theme });
    host.attach(page);
    await page.goto(address);
    return opened;
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(): Promise<{ server: Server; address: string }> {
  if (!existsSync(built)) throw new Error('There is no dist/webview: build the project first.');
  const server = createServer((request, response) => {
    const type = FILES[request.url ?? ''];
    if (type !== undefined) {
      response.setHeader('Content-Type', type).end(readFileSync(new URL(`.${request.url ?? ''}`, built)));
      return;
    }
    const nonce = randomBytes(16).toString('hex');
    const html = pageHtml({ nonce, script: '/chat.js', style: '/chat-style.css' });
    response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html' }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/` };
}

/** Notes every attempt to load something, also one that the policy stops: the browser's own log names these as well. */
async function watch(page: Page, address: string, opened: OpenChat): Promise<void> {
  const own = new Set([
    address,
    ...Object.keys(FILES).map((path) => address + path.slice(1)),
    `${address}favicon.ico`,
  ]);
  const log = await page.context().newCDPSession(page);
  await log.send('Network.enable');
  log.on('Network.requestWillBeSent', ({ request }) => {
    if (!own.has(request.url)) opened.requests.push(request.url);
  });
  page.on('popup', (popup) => opened.requests.push(popup.url()));
  page.on('pageerror', (error) => opened.violations.push(error.stack ?? error.message));
  await page.exposeFunction('violated', (what: string) => opened.violations.push(what));
}

/** What VS Code gives to a webview. Runs in the page, so it is passed on as text and uses nothing from around it. */
function standIn({ variables, theme }: { variables: Record<string, string>; theme: string }): void {
  interface Style {
    setProperty(name: string, value: string): void;
  }
  const page = globalThis as unknown as {
    document: {
      documentElement: { style: Style };
      body: { className: string; dataset: Record<string, string> };
      addEventListener(type: string, listener: (event: Record<string, unknown>) => void): void;
    };
    sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
    toHost(message: unknown): Promise<void>;
    violated(what: string): Promise<void>;
    acquireVsCodeApi: unknown;
  };
  page.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => void page.toHost(message),
    getState: () => JSON.parse(page.sessionStorage.getItem('state') ?? 'null') as unknown,
    setState: (state: unknown) => {
      page.sessionStorage.setItem('state', JSON.stringify(state));
    },
  });
  const { document } = page;
  document.addEventListener('securitypolicyviolation', (event) => {
    void page.violated(
      `${String(event['violatedDirective'])}: ${String(event['blockedURI'])} in ${String(event['sourceFile'])}:${String(event['lineNumber'])}`,
    );
  });
  document.addEventListener('DOMContentLoaded', () => {
    const { style } = document.documentElement;
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    style.setProperty('--vscode-font-family', 'system-ui, "Segoe UI", "Ubuntu", sans-serif');
    style.setProperty('--vscode-font-size', '13px');
    style.setProperty('--vscode-font-weight', 'normal');
    style.setProperty('--vscode-editor-font-family', '"Droid Sans Mono", monospace');
    style.setProperty('--vscode-editor-font-size', '12px');
    style.setProperty('background', variables['--vscode-sideBar-background'] ?? '');
    const kind = theme === 'high-contrast' ? 'vscode-high-contrast' : `vscode-${theme}`;
    document.body.className = kind;
    document.body.dataset['vscodeThemeKind'] = kind;
  });
}
