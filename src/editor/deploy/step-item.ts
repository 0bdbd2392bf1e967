import * as vscode from 'vscode';
import { duration } from '../duration.ts';
import { labelText, plainText } from '../plain-text.ts';
import type { ShownStep } from './step-list.ts';

type Look = readonly [icon: string, color: string | undefined, spoken: string];

const LOOKS: Readonly<Record<ShownStep['event']['state'] | 'stopped', Look>> = {
  waiting: ['circle-outline', 'disabledForeground', 'waits'],
  running: ['loading~spin', undefined, 'goes on'],
  done: ['pass', 'testing.iconPassed', 'done'],
  skipped: ['debug-step-over', 'disabledForeground', 'nothing to do'],
  failed: ['error', 'testing.iconFailed', 'failed'],
  stopped: ['debug-stop', 'testing.iconQueued', 'stopped'],
};

/** How a step stands in the view: how it is, what it says, how long it took. */
export function stepItem({ event, parts, tail, stopped }: ShownStep): vscode.TreeItem {
  const { id, title, state, detail, seconds } = event;
  const look = stopped ? 'stopped' : state;
  const [icon, color, spoken] = LOOKS[look];
  const open = (parts.length > 0 || tail.length > 0) && (state === 'running' || state === 'failed');
  const { Expanded, Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(
    labelText(title),
    open ? Expanded : parts.length + tail.length > 0 ? Collapsed : None,
  );
  // One that was open and is done closes: VS Code keeps what it knows of an item by its id.
  item.id = `${id}:${open ? 'open' : 'closed'}`;
  const time = state === 'waiting' || state === 'skipped' ? undefined : duration(seconds * 1000);
  const told = [time, look === 'stopped' ? 'stopped' : detail].filter((each) => each !== undefined);
  item.description = labelText(told.join(' · '));
  item.iconPath = new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
  item.tooltip = plainText([`${title}: ${spoken}`, ...told].join('\n'));
  item.accessibilityInformation = { label: plainText([title, spoken, ...told].join(', ')) };
  item.contextValue = `step-${look}`;
  return item;
}

/** A line of a step's log. */
export function lineItem(line: string): vscode.TreeItem {
  const item = new vscode.TreeItem('');
  item.description = labelText(line);
  item.tooltip = plainText(line);
  item.accessibilityInformation = { label: plainText(line) };
  return item;
}
