import * as vscode from 'vscode';
import type { AwsClients } from '../../core/aws/clients.ts';
import { backendLogs, type LogName } from '../../core/deploy/logs.ts';
import { plainText } from '../plain-text.ts';
import { placeWords, type Place } from './place.ts';

/** How far back is looked. Milliseconds. */
const SINCE_MS = 3600_000;

/** The logs of a backend's functions in an output channel, as lines come. One at a time follows. */
export class FollowedLogs implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('Offload Functions', 'log');
  readonly #item: vscode.StatusBarItem;
  #stopping: AbortController | undefined;

  constructor() {
    this.#item = vscode.window.createStatusBarItem('offload.logs', vscode.StatusBarAlignment.Left, 9);
    this.#item.name = 'Offload Function Logs';
    this.#item.text = '$(sync~spin) function logs';
    this.#item.tooltip = 'Offload: the logs of the functions are followed. Click to stop.';
    this.#item.accessibilityInformation = {
      label: 'Offload follows function logs. Activate to stop.',
      role: 'button',
    };
    this.#item.command = 'offload.stopFunctionLogs';
    void setFollowing(false);
  }

  /** Follows logs in place of what was followed, until it is stopped. @throws OffloadError in words for what AWS refuses */
  async follow(aws: AwsClients, place: Place, logs: readonly LogName[]): Promise<void> {
    this.stop();
    const stopping = new AbortController();
    this.#stopping = stopping;
    const { signal } = stopping;
    await setFollowing(true);
    this.#item.show();
    this.#channel.appendLine(`— ${logs.join(', ')} of ${placeWords(place)}, from an hour ago —`);
    this.#channel.show(true);
    try {
      const input = { aws, stack: place.stack, logs, since: Date.now() - SINCE_MS, follow: true, signal };
      for await (const { log, time, text } of backendLogs(input)) {
        if (signal.aborted) break;
        const stamp = new Date(time).toISOString().replace('T', ' ');
        this.#channel.appendLine(`${stamp} [${log}] ${plainText(text)}`);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (this.#stopping === stopping) await this.#ended();
    }
  }

  stop(): void {
    this.#stopping?.abort();
  }

  dispose(): void {
    this.stop();
    // Its channel is written to no more.
    this.#stopping = undefined;
    void setFollowing(false);
    this.#item.dispose();
    this.#channel.dispose();
  }

  async #ended(): Promise<void> {
    this.#stopping = undefined;
    this.#item.hide();
    this.#channel.appendLine('— no longer followed —');
    await setFollowing(false);
  }
}

const setFollowing = (value: boolean): Thenable<unknown> =>
  vscode.commands.executeCommand('setContext', 'offload.followingLogs', value);
