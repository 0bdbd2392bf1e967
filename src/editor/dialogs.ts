import * as vscode from 'vscode';
import { notificationText } from './plain-text.ts';

export interface Question {
  severity: 'info' | 'warning' | 'error';
  message: string;
  /** The smaller print of a modal question. */
  detail?: string;
  /** Whether it holds up the window; then the user can also cancel it. */
  modal?: boolean;
  buttons?: readonly string[];
}

export interface TextQuestion {
  title: string;
  prompt: string;
  placeholder?: string;
  /** What stands there at first. */
  value?: string;
  /** Whether it is hidden while it is typed. */
  password?: boolean;
  /** Says what is wrong with a text; it cannot be entered while that is so. */
  check?: (text: string) => string | undefined;
}

/** All that is asked of the user, so that tests can answer. */
export interface Dialogs {
  /** The label of the pressed button; undefined when the user closed or cancelled it. */
  ask(question: Question): Promise<string | undefined>;
  chooseFolder(title: string, openLabel: string): Promise<vscode.Uri | undefined>;
  /** @param stays whether it is there still when the user has looked at something else */
  pick<T extends vscode.QuickPickItem>(
    items: T[],
    title: string,
    placeholder: string,
    stays?: boolean,
  ): Promise<T | undefined>;
  /** Those that are ticked, at first those with `picked`; undefined when the user closed it. */
  pickSome<T extends vscode.QuickPickItem>(
    items: T[],
    title: string,
    placeholder: string,
  ): Promise<T[] | undefined>;
  /** What was typed; undefined when the user closed it. */
  input(question: TextQuestion): Promise<string | undefined>;
}

const SHOW = {
  info: vscode.window.showInformationMessage,
  warning: vscode.window.showWarningMessage,
  error: vscode.window.showErrorMessage,
};

/** VS Code's own notifications, modal dialogs and pickers. */
export const windowDialogs: Dialogs = {
  async ask({ severity, message, detail, modal = false, buttons = [] }) {
    // Modal dialogs show plain text; notifications make links of it.
    const options = { modal, ...(detail === undefined ? {} : { detail: notificationText(detail) }) };
    return await SHOW[severity](notificationText(message), options, ...buttons);
  },

  async chooseFolder(title, openLabel) {
    const options = { title, openLabel, canSelectFiles: false, canSelectFolders: true, canSelectMany: false };
    return (await vscode.window.showOpenDialog(options))?.[0];
  },

  async pick(items, title, placeHolder, stays = false) {
    const options = { title, placeHolder, matchOnDescription: true, ignoreFocusOut: stays };
    return await vscode.window.showQuickPick(items, options);
  },

  async pickSome(items, title, placeHolder) {
    return await vscode.window.showQuickPick(items, { title, placeHolder, canPickMany: true });
  },

  async input({ title, prompt, placeholder, value, password = false, check }) {
    return await vscode.window.showInputBox({
      title,
      prompt,
      password,
      // What was typed stays while the user looks something up.
      ignoreFocusOut: true,
      ...(placeholder === undefined ? {} : { placeHolder: placeholder }),
      ...(value === undefined ? {} : { value }),
      ...(check === undefined ? {} : { validateInput: check }),
    });
  },
};
