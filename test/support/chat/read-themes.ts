import { readdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorkbench } from '../editor/open-workbench.ts';
import { themes } from '../editor/themes.ts';

// Writes theme-variables.json anew: the values that the real editor's themes give to the variables that the built page
// uses. Run it with OFFLOAD_TEST_EDITOR and OFFLOAD_TEST_BROWSER set, when the page uses a further variable.
const root = new URL('../../../', import.meta.url);
const built = new URL('dist/webview/', root);
const code = readdirSync(built).map((name) => readFileSync(new URL(name, built), 'utf8'));
const names = [...new Set(code.join('\n').match(/--vscode-[A-Za-z0-9-]+/g))].sort();

const found: Record<string, Record<string, string>> = {};
for (const [theme, settings] of Object.entries(themes)) {
  const workspace = mkdtempSync(join(tmpdir(), 'theme-'));
  const opened = await openWorkbench({ workspace, settings, trust: true, env: {} });
  try {
    // Until then it wears the colours that are built in.
    await opened.workbench.page.locator('.monaco-workbench[class*="vscode-theme-"]').waitFor();
    found[theme] = await opened.workbench.page.evaluate((wanted) => {
      const page = globalThis as unknown as {
        document: { querySelector(selector: string): unknown };
        getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
      };
      const style = page.getComputedStyle(page.document.querySelector('.monaco-workbench'));
      return Object.fromEntries(
        wanted
          .map((name) => [name, style.getPropertyValue(name).trim()] as const)
          .filter(([, value]) => value !== ''),
      );
    }, names);
  } finally {
    await opened.close();
  }
}
writeFileSync(new URL('theme-variables.json', import.meta.url), JSON.stringify(found, null, 2) + '\n');
