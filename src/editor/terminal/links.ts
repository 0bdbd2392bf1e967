import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { isWorkspacePath } from '../../protocol/path.ts';
import { placeOf } from '../run/place.ts';
import type { RunRecord } from '../run/record.ts';
import { findLocations, type Location } from './locations.ts';
import { ACTIONS } from './summary.ts';
import type { Terminals } from './terminals.ts';

class Link extends vscode.TerminalLink {
  readonly open: () => Thenable<unknown>;

  constructor(start: number, length: number, tooltip: string, open: () => Thenable<unknown>) {
    super(start, length, tooltip);
    this.open = open;
  }
}

/** Stack traces in our terminals link to the user's own files, and the words of our summaries to what they name. */
export class TerminalLinks implements vscode.TerminalLinkProvider<Link>, vscode.Disposable {
  readonly #terminals: Terminals;
  readonly #registration: vscode.Disposable;

  constructor(terminals: Terminals) {
    this.#terminals = terminals;
    this.#registration = vscode.window.registerTerminalLinkProvider(this);
  }

  async provideTerminalLinks({ terminal, line }: vscode.TerminalLinkContext): Promise<Link[]> {
    const own = this.#terminals.of(terminal);
    if (own === undefined) return [];
    const { record } = own;
    const found = await Promise.all(findLocations(line).map(async (location) => toLink(record, location)));
    return [...found.flatMap((link) => link ?? []), ...actionLinks(line, record.runId)];
  }

  async handleTerminalLink(link: Link): Promise<void> {
    await link.open();
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

/** A link to the file, if it is one of the run's folder or what was run. */
async function toLink(record: RunRecord, location: Location): Promise<Link | undefined> {
  const uri = targetOf(record, location.path);
  if (uri === undefined || (uri.scheme === 'file' && !(await isFile(uri.fsPath)))) return undefined;
  const { start, length, line, column = 1 } = location;
  const position = new vscode.Position(line - 1, column - 1);
  const selection = new vscode.Range(position, position);
  return new Link(start, length, 'Open the file at this line', () =>
    vscode.window.showTextDocument(uri, { selection }),
  );
}

function targetOf(record: RunRecord, path: string): vscode.Uri | undefined {
  const { document, entry } = record;
  if (document !== undefined && path === entry) return vscode.Uri.parse(document, true);
  const place = isWorkspacePath(path) ? placeOf(record, path) : undefined;
  return place && vscode.Uri.joinPath(place.root, place.path);
}

const isFile = async (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );

function actionLinks(line: string, runId: string): Link[] {
  const commands = [
    { text: ACTIONS.review, command: 'offload.reviewChanges' },
    { text: ACTIONS.output, command: 'offload.openOutput' },
    { text: ACTIONS.fix, command: 'offload.fixRun' },
  ];
  return commands.flatMap(({ text, command }) => {
    const start = line.indexOf(text);
    if (start === -1) return [];
    return [new Link(start, text.length, text, () => vscode.commands.executeCommand(command, runId))];
  });
}
