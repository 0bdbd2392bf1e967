import * as vscode from 'vscode';
import { clock } from '../duration.ts';
import { usageWords } from '../model-usage.ts';
import { plainText } from '../plain-text.ts';
import type { FollowedRun } from './followed-run.ts';
import type { Runs } from './runs.ts';

/** The runs that go on, in the status bar; a click lists them. There only while there are any. */
export class StatusBar implements vscode.Disposable {
  readonly #runs: Runs;
  readonly #item: vscode.StatusBarItem;
  readonly #subscription: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Runs) {
    this.#runs = runs;
    this.#item = vscode.window.createStatusBarItem('offload.runs', vscode.StatusBarAlignment.Left, 10);
    this.#item.name = 'Offload Runs';
    this.#item.command = { command: 'offload.cancelRun', title: 'Cancel Run', arguments: ['ask'] };
    this.#subscription = runs.onDidChange(() => {
      this.#update();
    });
    this.#update();
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #update(): void {
    const { active } = this.#runs;
    if (active.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#item.hide();
      return;
    }
    this.#timer ??= setInterval(() => {
      this.#update();
    }, 1000);
    const [only] = active;
    const text =
      active.length === 1 && only !== undefined ? describeRun(only) : `${String(active.length)} runs`;
    this.#item.text = `$(loading~spin) ${text.replaceAll('$(', '$ (')}`;
    this.#item.tooltip = ['Offload: click to cancel', ...active.map(describeRun)].join('\n');
    this.#item.accessibilityInformation = { label: `Offload: ${text}. Activate to cancel.`, role: 'button' };
    this.#item.show();
  }
}

/** A task's title is the beginning of its prompt. */
const MAX_TITLE = 40;

/** `a.py: running 0:12`. */
const describeRun = (run: FollowedRun): string => `${shortTitle(run)}: ${progressOf(run)}`;

function shortTitle({ record }: FollowedRun): string {
  const title = plainText(record.title);
  return record.task === undefined || title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE)}…`;
}

/** Where a run stands, and for how long: `running 0:12`; of a task also what it does and what that took. */
export function progressOf(run: FollowedRun): string {
  const { phase, phaseTimes } = run.state;
  if (run.record.task !== undefined) return taskProgress(run);
  const doing = run.isCancelling ? 'cancelling' : (phase ?? 'connecting');
  // From the start of the phase, by the backend's clock, which is this machine's.
  const since = (phase === undefined ? undefined : phaseTimes[phase]) ?? run.record.createdAt;
  return `${doing} ${clock(Math.max(0, Date.now() - since))}`;
}

/** What the status bar has room for. */
const MAX_DOING = 60;

function taskProgress(run: FollowedRun): string {
  const { progress, isCancelling, isInterrupted } = run;
  const doing = isCancelling ? 'cancelling' : isInterrupted ? 'stopping' : plainText(progress.doing);
  const shown = doing.length > MAX_DOING ? `${doing.slice(0, MAX_DOING)}…` : doing;
  const passed = clock(Math.max(0, Date.now() - run.record.createdAt));
  return [`${shown} ${passed}`, ...usageWords(progress.usage)].join(' · ');
}
