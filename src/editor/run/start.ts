import { basename } from 'node:path';
import * as vscode from 'vscode';
import { runRequest, type Program } from '../../core/program/program.ts';
import type { Language } from '../../protocol/languages.ts';
import type { RunRequest } from '../../protocol/request.ts';
import { networkDetail } from '../network-detail.ts';
import { chosenInterpreter } from '../program/chosen-interpreter.ts';
import { programOf } from '../program/selections.ts';
import { openDocument, sentFile } from '../program/sent-file.ts';
import { sourceOf, type Source } from '../program/source.ts';
import { readSettings } from '../settings/read-settings.ts';
import { fittingLimits, withoutDefaults } from '../../core/targets/fit.ts';
import type { Dialogs } from '../dialogs.ts';
import { agreeToPlace } from '../target/agree.ts';
import { placeDetails } from '../target/place-detail.ts';
import { shownPlace } from '../target/shown-place.ts';
import type { Targets } from '../target/targets.ts';
import { requireTrust } from '../trust.ts';
import type { RecordStore } from './record-store.ts';
import type { RunRecord } from './record.ts';
import type { Runs } from './runs.ts';

export interface StartContext {
  runs: Runs;
  records: RecordStore;
  targets: Targets;
  dialogs: Dialogs;
  /** What is remembered of the workspace. */
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
}

/** Programs that look for it print in colour, though their output is a pipe. */
const COLORS = { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' };

/** Runs what is selected in an editor. @throws OffloadError `bad-request` for an empty selection, and as `start` does */
export async function runSelection(context: StartContext, editor: vscode.TextEditor): Promise<void> {
  requireTrust();
  const { document, selections } = editor;
  const source = sourceOf(document.uri, document.languageId);
  const code = programOf(
    selections.map((selection) => ({
      text: document.getText(selection),
      line: selection.start.line,
      leading: document.lineAt(selection.start.line).text.slice(0, selection.start.character),
    })),
  );
  await start(context, source, { code }, `${basename(source.entry)} (${describe(selections)})`);
}

/** Runs a file as the user sees it. */
export async function runFile(context: StartContext, uri: vscode.Uri): Promise<void> {
  requireTrust();
  const source = sourceOf(uri, openDocument(uri)?.languageId);
  await start(context, source, { files: [await sentFile(source)] }, basename(source.entry));
}

/**
 * Runs a piece of code that is in no file. Its changes go to the window's folder.
 * @returns its run, once it has begun, and its end
 * @throws OffloadError as `start` does
 */
export async function runCode(
  context: StartContext,
  { language, code }: { language: Language; code: string },
): Promise<{ runId: string; ended: Promise<void> }> {
  requireTrust();
  const [folder, ...others] = vscode.workspace.workspaceFolders ?? [];
  const entry = `snippet${language.extensions[0] ?? ''}`;
  const source: Source = {
    document: vscode.Uri.from({ scheme: 'untitled', path: entry }),
    language,
    root: others.length === 0 && folder?.uri.scheme === 'file' ? folder.uri : undefined,
    entry,
  };
  const { record, request } = await prepare(context, source, { code }, entry, 'chat');
  context.log.info(`run ${record.runId}: ${entry}`);
  const ended = context.runs.follow(record, { request });
  // Before it has begun nobody else can follow it; one that is refused was not begun.
  await Promise.race([context.runs.get(record.runId)?.begun, ended]);
  return { runId: record.runId, ended };
}

/**
 * Sends a program and follows it. Its record is kept before the first byte goes out.
 * @throws OffloadError what is wrong with the program, the settings, the interpreter or the backend
 */
async function start(
  context: StartContext,
  source: Source,
  content: Pick<Program, 'code' | 'files'>,
  title: string,
): Promise<void> {
  const { record, request } = await prepare(context, source, content, title);
  context.log.info(`run ${record.runId}: ${title}`);
  await context.runs.follow(record, { request });
}

/** A program's request, and its record, which is kept. */
async function prepare(
  context: StartContext,
  source: Source,
  content: Pick<Program, 'code' | 'files'>,
  title: string,
  from: NonNullable<RunRecord['from']> = 'command',
): Promise<{ record: RunRecord; request: RunRequest }> {
  const settings = readSettings();
  const { language, entry, root, document } = source;
  const place = await shownPlace(context.targets);
  const { can, placed } = place;
  const used = can?.hostInterpreters === false ? {} : await chosenInterpreter(source, settings, context.log);
  const network = await agreeToPlace(place, settings.network, context);
  const request = runRequest({
    ...content,
    ...used,
    language,
    entry,
    env: COLORS,
    limits: withoutDefaults(can === undefined ? settings.limits : fittingLimits(settings.limits, can)),
    network,
    title,
  });
  const record: RunRecord = {
    format: 1,
    runId: request.runId,
    title,
    details: [
      shownInterpreter(language, used.interpreter),
      ...placeDetails(place, 'run', settings.limits.wallSeconds),
      networkDetail(network),
    ],
    createdAt: Date.now(),
    folders: windowFolders(),
    ...(root === undefined ? {} : { root: root.toString() }),
    document: document.toString(),
    entry,
    sent: request.files,
    ...placed,
    from,
  };
  await context.records.save(record);
  await context.targets.remember(record.runId, placed);
  return { record, request };
}

/** For Node the backend takes its own where the one on PATH is too old, so that naming one could be wrong. */
const shownInterpreter = (language: Language, interpreter: string | undefined): string =>
  language.runtime === 'node' ? language.label : (interpreter ?? language.label);

/** The workspace folders of this window, as records name them. */
export const windowFolders = (): string[] =>
  (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.toString());

/** Selections that a title names; there may be hundreds. */
const NAMED_SELECTIONS = 3;

/** `lines 3–9, line 12, …`. */
function describe(selections: readonly vscode.Selection[]): string {
  const ranges = selections.filter(({ isEmpty }) => !isEmpty).map(lineRange);
  return [...ranges.slice(0, NAMED_SELECTIONS), ...(ranges.length > NAMED_SELECTIONS ? ['…'] : [])].join(
    ', ',
  );
}

function lineRange({ start, end }: vscode.Selection): string {
  // A selection that ends at the beginning of a line has nothing of it.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return last === start.line + 1 ? `line ${String(last)}` : `lines ${String(start.line + 1)}–${String(last)}`;
}
