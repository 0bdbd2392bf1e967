import type { Locator } from 'playwright-core';
import { Workbench } from '../../../support/editor/workbench.ts';
import { WAIT_LIMIT } from '../../../support/limits.ts';

/** The workbench with what Offload brings to it. */
export class OffloadWorkbench extends Workbench {
  /** Waits until Offload's commands are there. */
  async waitOffload(): Promise<void> {
    const until = Date.now() + WAIT_LIMIT;
    while (!(await this.commands('Offload: ')).some((title) => title.includes('Offload: Doctor'))) {
      if (Date.now() > until) throw new Error('The commands of Offload never came.');
      await this.page.waitForTimeout(200);
    }
  }

  /** Takes an entry of the open context menu, which overlooks a press that comes right after it has opened. */
  override async pickFromMenu(label: string): Promise<void> {
    const menu = this.page.locator('.monaco-menu');
    const item = menu.locator('.action-menu-item').filter({ hasText: label }).first();
    const until = Date.now() + WAIT_LIMIT;
    while (await menu.isVisible()) {
      if (Date.now() > until) throw new Error(`The menu does not take ${label}.`);
      await item.click({ timeout: 1000 }).catch(() => undefined);
      await this.page.waitForTimeout(200);
    }
  }

  /** The line of the active editor that holds a text. */
  codeLine(text: string): Locator {
    return this.editor().locator('.view-line').filter({ hasText: text }).first();
  }

  /** The line of the visible terminal that holds a text. */
  terminalLine(text: string): Locator {
    return this.page.locator('.terminal-wrapper.active .xterm-rows > div').filter({ hasText: text }).last();
  }

  /** Follows a link in the terminal: the part of a line that is exactly this text. */
  async followTerminalLink(line: string, text: string): Promise<void> {
    const row = this.terminalLine(line);
    await row.waitFor();
    // In cells: the terminal draws each character as wide as any other.
    const span = await row.locator('span').first().boundingBox();
    const cells = (span?.width ?? 0) / (await row.locator('span').first().innerText()).length;
    const box = await row.boundingBox();
    const shown = (await row.innerText()).replaceAll('\u00a0', ' ');
    if (box === null || !shown.includes(text)) throw new Error(`No link ${text} in ${shown}`);
    const x = box.x + (shown.indexOf(text) + text.length / 2) * cells;
    const y = box.y + box.height / 2;
    const pointer = this.page.locator('.terminal-wrapper.active .xterm-cursor-pointer').first();
    await this.page.keyboard.down('Control');
    // Links are looked for while the mouse moves.
    const until = Date.now() + WAIT_LIMIT;
    for (let step = 0; !(await pointer.isVisible()); step++) {
      if (Date.now() > until) throw new Error(`${text} is no link in ${shown}`);
      await this.page.mouse.move(x + (step % 5), y);
      await this.page.waitForTimeout(100);
    }
    await this.page.mouse.down();
    await this.page.mouse.up();
    await this.page.keyboard.up('Control');
  }

  /** Where the cursor of the active editor is, as the status bar says it: `Ln 3, Col 1`. */
  async cursor(): Promise<string> {
    return this.page.locator('.statusbar [id="status.editor.selection"]').innerText();
  }

  /** The multi-diff editor. */
  multiDiff(): Locator {
    return this.page.locator('.multiDiffEditor, .monaco-component.multiDiffEditor').first();
  }

  /** The rows of the view of changes. */
  changes(): Locator {
    return this.page.locator('.pane').filter({ hasText: 'Offload Changes' }).locator('.monaco-list-row');
  }

  /** Takes back the block of a change that is this one line, by VS Code's own button beside it. */
  async revertBlock(text: string): Promise<void> {
    const line = this.multiDiff()
      .locator('.editor.modified .view-line')
      .filter({ hasText: new RegExp(`^${text.replaceAll(' ', '\\s')}$`) })
      .first();
    await line.hover();
    const button = this.multiDiff().locator('.gutterItem').getByLabel('Revert Block');
    await button.first().click();
    await line.waitFor({ state: 'detached' });
  }

  /** Presses a button beside a file in the view of changes. */
  async pressOnChange(file: string, button: string): Promise<void> {
    const row = this.changes().filter({ hasText: file }).first();
    await row.hover();
    await row.getByRole('button', { name: button }).click();
  }

  /** Shows the view container that the view of changes is in. */
  async showSourceControl(): Promise<void> {
    await this.page
      .locator('.activitybar')
      .getByRole('tab', { name: /^Source Control/ })
      .click();
    const header = this.page.locator('.pane-header').filter({ hasText: 'Offload Changes' });
    await header.waitFor();
    // VS Code begins with it closed, as with every view that an extension brings into this place.
    if ((await header.getAttribute('aria-expanded')) === 'false') await header.click();
    await this.changes().first().waitFor();
  }
}
