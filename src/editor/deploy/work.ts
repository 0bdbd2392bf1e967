import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import type { StepEvent } from '../../core/deploy/steps.ts';
import { plainText } from '../plain-text.ts';
import { DeployView } from './deploy-view.ts';

export interface WorkOptions {
  /** For the notification, such as `Deploying the backend`. */
  title: string;
  /** Whose it is, in a few words. */
  where: string;
  /** What the view says in the end. */
  done: string;
  stopped: string;
}

/** The one piece of work on a backend that goes on in this window: its view, its notification, its end by the user. */
export class BackendWork implements vscode.Disposable {
  readonly view = new DeployView();
  #current: { title: string; stopping: AbortController } | undefined;

  constructor() {
    // An extension host that ended in the midst of it has left it set.
    void setDeploying(false);
  }

  /** What goes on, such as `Deploying offload in eu-west-1`; undefined where nothing does. */
  get title(): string | undefined {
    return this.#current?.title;
  }

  /** @throws OffloadError `busy` where a piece of work goes on */
  requireIdle(): void {
    if (this.title !== undefined)
      throw new OffloadError('busy', `${this.title}: that goes on in this window.`);
  }

  /** Ends what goes on. What was made stays. */
  stop(): void {
    this.#current?.stopping.abort();
  }

  /**
   * Shows the steps of a piece of work as they come.
   * @returns whether it came to its end; false where the user stopped it
   * @throws what the work throws; OffloadError `busy` where another piece goes on
   */
  async carryOut<T extends { type: string }>(
    options: WorkOptions,
    work: (signal: AbortSignal) => AsyncIterable<StepEvent | T>,
  ): Promise<boolean> {
    this.requireIdle();
    const stopping = new AbortController();
    this.#current = { title: options.title, stopping };
    try {
      await setDeploying(true);
      await this.view.begin(options.where);
      const notification = {
        location: vscode.ProgressLocation.Notification,
        title: options.title,
        cancellable: true,
      };
      await vscode.window.withProgress(notification, async (progress, token) => {
        token.onCancellationRequested(() => {
          stopping.abort();
        });
        let told = 0;
        for await (const event of work(stopping.signal)) {
          if (!isStep(event)) continue;
          this.view.take(event);
          const { current, progress: now } = this.view.steps;
          progress.report({
            increment: Math.max(0, now - told) * 100,
            ...(current === undefined ? {} : { message: plainText(current).slice(0, 200) }),
          });
          told = Math.max(told, now);
        }
      });
      this.view.end(options.done);
      return true;
    } catch (error) {
      this.view.steps.stop();
      this.view.end(
        stopping.signal.aborted
          ? options.stopped
          : 'It failed. What was made stays; a new try goes on from there.',
      );
      if (stopping.signal.aborted) return false;
      throw error;
    } finally {
      this.#current = undefined;
      await setDeploying(false);
    }
  }

  get isDisposed(): boolean {
    return this.view.isDisposed;
  }

  dispose(): void {
    // The end of the window is not the user's: a build that goes on is taken up by the next deploy.
    this.view.dispose();
  }
}

const setDeploying = (value: boolean): Thenable<unknown> =>
  vscode.commands.executeCommand('setContext', 'offload.deploying', value);

const isStep = (event: { type: string }): event is StepEvent => event.type === 'step';
