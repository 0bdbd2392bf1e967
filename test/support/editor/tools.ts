import { skip } from '../reporting/skip.ts';

export interface EditorTools {
  /** The entry script of code-server, to be run with this Node. */
  entry: string;
  /** The Chromium to open it in. */
  browser: string;
}

/** The test editor and the browser that the test command found, or why there are none. */
export function editorTools(): EditorTools | { missing: string } {
  const entry = process.env['OFFLOAD_TEST_EDITOR'] ?? '';
  const browser = process.env['OFFLOAD_TEST_BROWSER'] ?? '';
  if (entry !== '' && browser !== '') return { entry, browser };
  return { missing: process.env['OFFLOAD_TEST_NO_EDITOR'] ?? 'the test editor comes with npm test' };
}

/** The test editor and the browser; throws where there are none. */
export function requiredTools(): EditorTools {
  const tools = editorTools();
  if ('missing' in tools) throw new Error(`There is no test editor: ${tools.missing}`);
  return tools;
}

/** Skips the test, or the suite in its `before`, where the test editor cannot run. */
export function needsEditor(context: Mocha.Context): void {
  const tools = editorTools();
  if ('missing' in tools) skip(context, tools.missing);
}
