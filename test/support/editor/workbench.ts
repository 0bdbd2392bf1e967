import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { WAIT_LIMIT } from '../limits.ts';

const screenshots = fileURLToPath(new URL('../../../.cache/screenshots/', import.meta.url));

/** VS Code's workbench in a page: what a person does with it, and what they see. */
export class Workbench {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits until the workbench can be used. */
  async waitReady(): Promise<void> {
    await this.page.locator('.monaco-workbench .statusbar').waitFor();
  }

  /** Opens the page anew, as a person does who reloads the window. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.waitReady();
  }

  /**
   * Runs a command by its title in the palette. An open palette does not take up what an extension brings in
   * meanwhile, so it is opened again until the command is there.
   */
  async runCommand(title: string): Promise<void> {
    const until = Date.now() + WAIT_LIMIT;
    const row = this.quickPickRow(title);
    for (let timeout = 1500; ; timeout *= 2) {
      await this.page.keyboard.press('F1');
      await this.quickInput().fill(`>${title}`);
      try {
        await row.waitFor({ timeout });
        break;
      } catch (error) {
        if (Date.now() > until) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await row.click();
  }

  /** The titles that the palette offers for a text, at the moment it is asked. */
  async commands(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    await this.quickInput().fill(`>${text}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    const titles = await rows.locator('.label-name').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Takes a row of the open quick pick. */
  async pick(label: string): Promise<void> {
    await this.quickPickRow(label).click();
  }

  /** Fills in the open input box. */
  async answer(text: string): Promise<void> {
    await this.quickInput().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Opens a file of the workspace by its path in it. */
  async openFile(path: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickInput().fill(path);
    const name = path.split('/').at(-1) ?? path;
    await this.quickPickRow(name).click();
    await this.tab(name).waitFor();
    await this.editor().locator('.view-lines').waitFor();
  }

  /** Selects whole lines of the active editor, both counted from 1 and both included. */
  async selectLines(first: number, last: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.quickInput().fill(`:${String(first)}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput().waitFor({ state: 'hidden' });
    await this.page.keyboard.press('Home');
    for (let line = first; line < last; line++) await this.page.keyboard.press('Shift+ArrowDown');
    await this.page.keyboard.press('Shift+End');
  }

  /** Presses a button in the active editor's title by the start of its label. */
  async pressEditorTitle(label: string): Promise<void> {
    const actions = this.page.locator('.editor-group-container.active .editor-actions .action-label');
    await actions
      .and(this.page.locator(`[aria-label^=${JSON.stringify(label)}]`))
      .first()
      .click();
  }

  /** Opens the context menu of something, such as a row of the explorer, and gives its labels. */
  async contextMenu(target: Locator): Promise<string[]> {
    await target.click({ button: 'right' });
    return this.menuLabels();
  }

  /** Opens the context menu of the active editor where the cursor is, so that the selection stays. */
  async editorContextMenu(): Promise<string[]> {
    await this.page.keyboard.press('Shift+F10');
    return this.menuLabels();
  }

  /** Takes an entry of the open context menu. */
  async pickFromMenu(label: string): Promise<void> {
    const item = this.page.locator('.monaco-menu .action-menu-item').filter({ hasText: label });
    await item.first().click();
  }

  /** The toast that holds a text. */
  notification(text: string): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text }).first();
  }

  /** The texts of the toasts on the screen. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-toast .notification-list-item-message').allInnerTexts();
  }

  /** Presses a button of the toast that holds a text. */
  async pressNotification(text: string, button: string): Promise<void> {
    const toast = this.notification(text);
    await toast.waitFor();
    await toast.getByRole('button', { name: button }).click();
  }

  /** The modal dialog on the screen, such as the question about trust. */
  dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** Presses a button of the modal dialog. */
  async pressDialog(button: string): Promise<void> {
    await this.dialog().getByRole('button', { name: button }).click();
  }

  /** Trusts the workspace that was opened without trust. */
  async trustWorkspace(): Promise<void> {
    await this.runCommand('Workspaces: Manage Workspace Trust');
    const trust = this.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true });
    await trust.click();
    await this.page.keyboard.press('Control+W');
  }

  /** The entry of the status bar that holds a text. */
  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** The text that the visible terminal shows, a screen line a line. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows > div');
    await rows.first().waitFor();
    // The terminal fills a line's gaps with no-break spaces.
    return (await rows.allInnerTexts())
      .map((row) => row.replaceAll(' ', ' ').trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Waits until the visible terminal shows a text, and gives all that it shows then. */
  async waitTerminal(text: string | RegExp): Promise<string> {
    const until = Date.now() + WAIT_LIMIT;
    for (;;) {
      const shown = await this.terminalText();
      if (typeof text === 'string' ? shown.includes(text) : text.test(shown)) return shown;
      if (Date.now() > until) throw new Error(`The terminal does not show ${String(text)} but:\n${shown}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** The tab of an editor by the name on it. */
  tab(name: string): Locator {
    return this.page.locator('.tabs-container .tab').filter({ hasText: name }).first();
  }

  /** The text editor of the active group. */
  editor(): Locator {
    return this.page.locator('.editor-group-container.active .monaco-editor').first();
  }

  /** The content of the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Writes what is on the screen to `.cache/screenshots/<name>.png`. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}${name}.png` });
  }

  private async menuLabels(): Promise<string[]> {
    const labels = this.page.locator('.monaco-menu .action-menu-item .action-label');
    await labels.first().waitFor();
    return labels.allInnerTexts();
  }

  private quickInput(): Locator {
    return this.page.locator('.quick-input-widget input[type="text"]').first();
  }

  private quickPickRow(label: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();
  }
}
