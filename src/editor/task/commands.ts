import { basename } from 'node:path';
import * as vscode from 'vscode';
import { OffloadError } from '../../protocol/error.ts';
import { endedForGood, goesOn, LOCAL, targetLabel, type Target } from '../../core/targets/target.ts';
import { chooseTarget } from '../target/choose.ts';
import { cancellable } from '../cancellable.ts';
import type { Offload } from '../offload.ts';
import { labelText } from '../plain-text.ts';
import { openDocument } from '../program/sent-file.ts';
import type { RunRecord } from '../run/record.ts';
import { progressOf } from '../run/status-bar.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import { outcomeText } from '../terminal/summary.ts';
import { requireTrust } from '../trust.ts';
import { answerQuestion } from './ask-answer.ts';
import { askOptions } from './ask-options.ts';
import { agentsAt } from './chat-choices.ts';
import { awsHere } from './aws-here.ts';
import { fixTarget, type FixTarget } from './fix-actions.ts';
import { problemPrompt, runPrompt, selectionPrompt, type Excerpt } from './prompts.ts';
import { standingInstructions } from './standing.ts';
import type { StartedTask } from './task-service.ts';
import type { Waiting } from './waiting.ts';
import { pathInSnapshot, windowRoots, type WindowRoot } from './window-roots.ts';

/** `Offload: Run Task…`. @param prompt asked for where it is not given */
export async function runTask(offload: Offload, prompt: unknown): Promise<void> {
  requireTrust();
  const text = typeof prompt === 'string' ? prompt : await askPrompt(offload, 'Run Task');
  if (text !== undefined) await begin(offload, text);
}

/** What is selected goes along in the prompt, with its place. */
export async function runTaskOnSelection(offload: Offload, editor: vscode.TextEditor): Promise<void> {
  requireTrust();
  const roots = windowRoots();
  const { document, selections } = editor;
  const ranges = selections.filter(({ isEmpty }) => !isEmpty);
  if (ranges.length === 0) {
    throw new OffloadError(
      'bad-request',
      'There is nothing for the task to be about: the selection is empty.',
      {
        fix: 'Select the code that it is about, or use "Run Task…".',
      },
    );
  }
  const excerpts = ranges.map((range) => excerptOf(document, range, roots));
  const words = await askPrompt(offload, `Run Task on ${basename(document.uri.path)}`);
  if (words !== undefined) await begin(offload, selectionPrompt(words, excerpts));
}

/** Lets an agent fix what tools say about a place in the code. */
export async function fixInSandbox(offload: Offload, target: unknown): Promise<void> {
  requireTrust();
  const { uri, range, problems } = isFixTarget(target) ? target : problemAtCursor();
  const document = await vscode.workspace.openTextDocument(uri);
  // Whole lines, and those around them, say more than the place itself.
  const first = Math.max(0, range.start.line - LINES_AROUND);
  const last = Math.min(document.lineCount - 1, range.end.line + LINES_AROUND);
  const lines = new vscode.Range(first, 0, last, document.lineAt(last).text.length);
  const excerpt = excerptOf(document, lines, windowRoots());
  await begin(offload, problemPrompt(excerpt, problems));
}

/** Lines before and after a problem that its prompt quotes. */
const LINES_AROUND = 10;

/** Lets an agent fix a program that failed. @param target the run's id; else that of the active terminal */
export async function fixRun(offload: Offload, target: unknown): Promise<void> {
  requireTrust();
  const { terminals } = offload;
  const terminal =
    typeof target === 'string' ? terminals.ofRun(target) : terminals.of(vscode.window.activeTerminal);
  const state = terminal?.ended;
  if (terminal === undefined || state === undefined) {
    throw new OffloadError('bad-request', 'There is no terminal of a run that has failed.', {
      fix: 'Run the program again, and choose "Fix This in Sandbox" below its output.',
    });
  }
  const { title, document: address, entry } = terminal.record;
  const roots = windowRoots();
  const document = address === undefined ? undefined : openDocument(vscode.Uri.parse(address, true));
  const path = address === undefined ? undefined : pathInSnapshot(vscode.Uri.parse(address, true), roots);
  const code =
    document === undefined || path !== undefined
      ? undefined
      : { languageId: document.languageId, line: 1, text: document.getText() };
  const { stderrTail: stderr } = state;
  await begin(offload, runPrompt({ title, outcome: outcomeText(state), stderr, code, entry: path ?? entry }));
}

/** Ends the turn of a task's agent, and what does not end by that when asked again. */
export async function stopTask(offload: Offload, target: unknown): Promise<void> {
  const record = await pickTask(offload, target, 'Which task should be stopped?', true);
  const run = record && offload.runs.get(record.runId);
  if (run !== undefined) await offload.runs.stop(run);
}

/** Says something to a task, or goes on with one that has ended. */
export async function replyToTask(offload: Offload, target: unknown): Promise<void> {
  requireTrust();
  const record = await pickTask(offload, target, 'Which task do you reply to?', false);
  if (record === undefined) return;
  const run = offload.runs.get(record.runId);
  const question = run?.progress.questions[0];
  if (question !== undefined) return answerQuestion(offload, record, question);
  const { target: place = LOCAL } = record;
  if (run === undefined && !goesOn(place)) return beginInstead(offload, record, place);
  const text = await askPrompt(offload, `Reply to ${record.title}`);
  if (text === undefined) return;
  const when = run === undefined ? 'next' : await askWhen(offload);
  if (when === undefined) return;
  await inNotification((waiting) => offload.tasks.reply(record, text, { when, from: 'command', waiting }));
}

/** Says why a task is not gone on with, and begins a new one with its prompt where the user wants that. */
async function beginInstead(offload: Offload, record: RunRecord, target: Target): Promise<void> {
  const { message, fix } = endedForGood(target);
  const question = { severity: 'info', message: `${message} ${fix}`, buttons: [NEW_TASK] } as const;
  if ((await offload.dialogs.ask(question)) !== NEW_TASK) return;
  const prompt = await askPrompt(offload, 'New Task', record.task?.prompt);
  if (prompt !== undefined) await begin(offload, prompt);
}

const NEW_TASK = 'New Task…';

/** Shows a task: in the chat, where that shows it, else in its terminal. */
export async function showTask(offload: Offload, target: unknown): Promise<void> {
  const record = await pickTask(offload, target, 'Which task?', false);
  if (record !== undefined) await offload.showTask(record);
}

async function begin(offload: Offload, prompt: string): Promise<void> {
  const settings = readTaskSettings();
  const standing = await standingInstructions(windowRoots());
  const [first] = standing;
  const { targets } = offload;
  // After a reload it is not known yet what there is elsewhere.
  void targets.lookQuietly();
  const offered = await offload.agents.offered(settings);
  const context = {
    dialogs: offload.dialogs,
    place: () => ({ label: targetLabel(targets.chosen), can: targets.known(targets.chosen) }),
    choosePlace: () => chooseTarget(offload),
    agents: () => agentsAt(offered, targets.known(targets.chosen), targets.chosen),
    aws: awsHere(settings.roles, (error) => {
      offload.log.warn('The role could not be remembered.', error);
    }),
    standing: first,
    showStanding: async () => {
      if (first === undefined) return;
      await vscode.window.showTextDocument(vscode.Uri.joinPath(first.root.uri, '.offload', 'task.md'));
    },
  };
  const options = await askOptions(context, settings.defaults);
  if (options === undefined) return;
  await inNotification((waiting) => offload.tasks.start({ prompt, options, from: 'command' }, waiting));
}

/** Prepares a task under a notification that can be cancelled, then follows it. */
async function inNotification(start: (waiting: Waiting) => Promise<StartedTask | undefined>): Promise<void> {
  const started = await cancellable('Offload', (signal, onStep) => start({ onStep, signal }));
  await started?.ended;
}

const askPrompt = (offload: Offload, title: string, value?: string): Promise<string | undefined> =>
  offload.dialogs.input({
    title,
    ...(value === undefined ? {} : { value }),
    prompt: 'What should the agent do? It works in a sandbox; nothing changes here until you accept it.',
    placeholder: 'Find out why the tests fail, and fix it',
    check: (text) => (text.trim() === '' ? 'Say what the agent should do.' : undefined),
  });

async function askWhen({ dialogs }: Offload): Promise<'now' | 'next' | undefined> {
  const items = [
    { label: '$(arrow-right) Now', detail: 'Steers the agent at its next step.', when: 'now' },
    {
      label: '$(clock) When Its Turn Has Ended',
      detail: 'Waits until it is done with what it does.',
      when: 'next',
    },
  ] as const;
  return (await dialogs.pick([...items], 'Reply to Task', 'When is it told?'))?.when;
}

/** The task that is meant: the one given, the only one, or the one that the user picks. */
async function pickTask(
  offload: Offload,
  target: unknown,
  placeholder: string,
  active: boolean,
): Promise<RunRecord | undefined> {
  const running = offload.runs.active.filter(({ record }) => record.task !== undefined);
  const records = active ? running.map(({ record }) => record).reverse() : await conversations(offload);
  if (typeof target === 'string') return given(offload, target, records, active);
  const [only] = records;
  if (only === undefined) {
    throw new OffloadError(
      'bad-request',
      active ? 'No task is running.' : 'There is no task in this workspace yet.',
      {
        fix: 'Begin one with "Run Task…".',
      },
    );
  }
  if (records.length === 1) return only;
  const items = records.map((record) => {
    const run = offload.runs.get(record.runId);
    return {
      label: `$(hubot) ${labelText(record.title)}`,
      description: run === undefined ? new Date(record.createdAt).toLocaleString() : progressOf(run),
      record,
    };
  });
  return (await offload.dialogs.pick(items, 'Tasks', placeholder))?.record;
}

/** One of the tasks by its run; where it need not be active, that which its conversation has come to. */
async function given(
  { tasks }: Offload,
  runId: string,
  records: readonly RunRecord[],
  active: boolean,
): Promise<RunRecord> {
  const conversation = (await tasks.all()).find((record) => record.runId === runId)?.task?.conversation;
  const found =
    records.find((record) => record.runId === runId) ??
    records.find(({ task }) => !active && task !== undefined && task.conversation === conversation);
  if (found !== undefined) return found;
  throw new OffloadError('bad-request', 'That task is not there any more, or has ended already.');
}

/** The newest task of each conversation. */
async function conversations({ tasks }: Offload): Promise<RunRecord[]> {
  const seen = new Set<string>();
  return (await tasks.all()).filter(({ task }) => {
    const conversation = task?.conversation ?? '';
    return !seen.has(conversation) && seen.add(conversation);
  });
}

function excerptOf(
  document: vscode.TextDocument,
  range: vscode.Range,
  roots: readonly WindowRoot[],
): Excerpt {
  return {
    path: pathInSnapshot(document.uri, roots),
    languageId: document.languageId,
    line: range.start.line + 1,
    text: document.getText(range),
  };
}

function isFixTarget(target: unknown): target is FixTarget {
  return typeof target === 'object' && target !== null && 'problems' in target;
}

/** What is wrong where the cursor is. */
function problemAtCursor(): FixTarget {
  const editor = vscode.window.activeTextEditor;
  const here = (editor === undefined ? [] : vscode.languages.getDiagnostics(editor.document.uri)).filter(
    ({ range }) => editor?.selection.intersection(range) !== undefined,
  );
  if (editor !== undefined && here.length > 0) return fixTarget(editor.document, here);
  throw new OffloadError('bad-request', 'Nothing is wrong where the cursor is, so far as VS Code knows.', {
    fix: 'Put the cursor on a problem, or say what is wrong with "Run Task on Selection…".',
  });
}
