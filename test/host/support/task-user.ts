import * as vscode from 'vscode';
import { messagesApi, type MessagesApi, type MessagesApiOptions } from '../../support/messages-api/server.ts';
import type { FollowedRun } from '../../../src/editor/run/followed-run.ts';
import type { Offload } from '../../../src/editor/offload.ts';
import type { AnsweredDialogs } from './dialogs.ts';
import { fresh } from './extension.ts';
import { Screen } from './screen.ts';
import { until } from './workspace.ts';

const KEY = 'made-up-key';

/** The settings of a task that these tests set; all are taken back at the end. */
const NAMES = [
  ...['task.provider', 'task.baseUrl', 'task.check', 'task.execute', 'task.instructions', 'task.model'],
  ...['task.budgetUsd', 'task.agent', 'agents.claude-code.path', 'agents.opencode.path'],
];

/** A user who has the real agent do tasks, with a model that answers as a script says. */
export class TaskUser {
  readonly api: MessagesApi;
  readonly offload: Offload;
  readonly dialogs: AnsweredDialogs;
  readonly screen: Screen;

  private constructor(api: MessagesApi, offload: Offload, dialogs: AnsweredDialogs) {
    this.api = api;
    this.offload = offload;
    this.dialogs = dialogs;
    this.screen = new Screen(offload);
  }

  /** One who agrees to send the workspace, and takes a task's options as they are. */
  static async begin(script: MessagesApiOptions): Promise<TaskUser> {
    const api = await messagesApi({ key: KEY, ...script });
    const { offload, dialogs } = await fresh();
    await forgetConsent(offload);
    await setSetting('task.provider', 'compatible');
    await setSetting('task.baseUrl', api.url);
    await setSetting('agents.claude-code.path', process.env['OFFLOAD_TEST_CLAUDE']);
    await offload.keys.set({ provider: 'compatible', baseUrl: api.url }, KEY);
    dialogs.picked = 'Run Task';
    dialogs.answer('to the sandbox?', 'Send');
    return new TaskUser(api, offload, dialogs);
  }

  /** Runs a task to its end. */
  async task(prompt: string): Promise<void> {
    await vscode.commands.executeCommand('offload.runTask', prompt);
  }

  act(command: string, ...args: unknown[]): Thenable<unknown> {
    return vscode.commands.executeCommand(`offload.${command}`, ...args);
  }

  /** The task that goes on, once a text is on its screen. */
  async running(text: string): Promise<FollowedRun> {
    await until(text, () => this.screen.plain.includes(text));
    return until('a task', () => this.offload.runs.active[0]);
  }

  async end(): Promise<void> {
    for (const run of this.offload.runs.active) await this.offload.runs.cancel(run);
    for (const place of await this.offload.keys.places()) await this.offload.keys.remove(place);
    for (const name of NAMES) await setSetting(name, undefined);
    await forgetConsent(this.offload);
    await this.api.close();
  }
}

export const setSetting = (name: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration('offload').update(name, value, vscode.ConfigurationTarget.Global);

const forgetConsent = (offload: Offload): Promise<void> => offload.tasks.forgetConsent();
