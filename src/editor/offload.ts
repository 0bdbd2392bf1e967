import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Sandbox } from '../core/sandbox.ts';
import type { Backend } from './deploy/backend.ts';
import { windowDialogs, type Dialogs } from './dialogs.ts';
import { DoctorDocument } from './doctor/document.ts';
import type { Features } from './features.ts';
import { ErrorReport } from './report/error-report.ts';
import { ChangesView } from './review/changes-view.ts';
import { ReviewCommands } from './review/commands.ts';
import { Contents } from './review/contents.ts';
import { ChangeDecorations } from './review/decorations.ts';
import type { Review } from './review/review.ts';
import { Reviews } from './review/reviews.ts';
import { watchReviewEditors } from './review/active-editor.ts';
import { takeUpEarlierRuns } from './run/earlier-runs.ts';
import { Finish } from './run/finish.ts';
import { RecordStore } from './run/record-store.ts';
import type { RunRecord } from './run/record.ts';
import { UnshownView, type RunView } from './run/run-view.ts';
import { Runs } from './run/runs.ts';
import { windowFolders } from './run/start.ts';
import { StatusBar } from './run/status-bar.ts';
import { TargetStatusBar } from './target/status-bar.ts';
import { Targets } from './target/targets.ts';
import { AgentPrograms } from './task/agent-programs.ts';
import { answerQuestion } from './task/ask-answer.ts';
import { KeyStore } from './task/key-store.ts';
import { TaskNotices } from './task/notices.ts';
import { TaskService } from './task/task-service.ts';
import { TerminalLinks } from './terminal/links.ts';
import { stopWithTerminals } from './terminal/stop-with-terminals.ts';
import { Terminals } from './terminal/terminals.ts';

/** The chat, as far as runs know it. */
export interface ChatViews {
  /** Whether the user is looking at a run in it. */
  isSeen(runId: string): boolean;
  /** Shows a task in it. */
  show(runId: string): Promise<void>;
}

/** Everything that the extension is made of once it is used. Built in one go, disposed in reverse. */
export class Offload {
  readonly log: vscode.LogOutputChannel;
  /** Where runs go. */
  readonly targets: Targets;
  /** That of this computer. */
  readonly sandbox: Sandbox;
  /** What is remembered of the workspace. */
  readonly memory: vscode.Memento;
  readonly errors: ErrorReport;
  readonly records: RecordStore;
  readonly terminals: Terminals;
  readonly reviews: Reviews;
  readonly contents: Contents;
  readonly runs: Runs;
  readonly review: ReviewCommands;
  readonly keys: KeyStore;
  readonly agents: AgentPrograms;
  readonly tasks: TaskService;
  /** The folder for files that are shown and need not be kept. */
  readonly outputFolder: string;
  readonly doctorDocument: DoctorDocument;
  /** The extension's own. */
  readonly version: string;
  dialogs: Dialogs = windowDialogs;
  /** Shows what was begun in it by itself; there once it has been loaded. */
  chat: ChatViews | undefined;
  /** Opens an address outside of the editor. */
  openLink = (address: string): Thenable<unknown> => vscode.env.openExternal(vscode.Uri.parse(address, true));
  readonly #loadChat: () => Promise<ChatViews>;
  readonly #loadBackend: () => Promise<Backend>;
  #backend: Promise<Backend> | undefined;
  #earlier: Promise<void> | undefined;

  constructor(
    context: vscode.ExtensionContext,
    log: vscode.LogOutputChannel,
    features: Features,
    loadChat: () => Promise<ChatViews>,
  ) {
    this.#loadChat = loadChat;
    const storage = context.globalStorageUri.fsPath;
    const dialogs = () => this.dialogs;
    this.log = log;
    this.version = String((context.extension.packageJSON as { version?: unknown }).version);
    this.doctorDocument = features.own(new DoctorDocument());
    this.outputFolder = join(storage, 'output');
    this.memory = context.workspaceState;
    this.targets = features.own(
      new Targets({
        ...{ memory: this.memory, dialogs, log },
        backendFolder: join(context.extensionPath, 'dist', 'backend'),
      }),
    );
    this.sandbox = this.targets.sandboxOf({});
    this.errors = new ErrorReport(log, dialogs);
    this.records = new RecordStore(join(storage, 'runs'));
    this.terminals = features.own(new Terminals());
    this.reviews = features.own(new Reviews(this.records));
    const sandboxOf = (record: RunRecord) => this.targets.sandboxOf(record);
    this.contents = new Contents(sandboxOf, this.records);
    const { targets, terminals, records, reviews, contents } = this;
    const end = new Finish({ sandboxOf, records, reviews, dialogs, log, report: this.report });
    const viewOf = (record: RunRecord) => this.viewOf(record);
    this.runs = features.own(new Runs({ sandboxOf, viewOf, end, report: this.report }));
    features.own(stopWithTerminals(terminals, this.runs));
    this.keys = new KeyStore(context);
    const openLink = (address: string) => this.openLink(address);
    this.agents = new AgentPrograms({ folder: join(storage, 'agents'), dialogs, log, openLink });
    this.#loadBackend = async () => {
      const { Backend } = await import('./deploy/backend.ts');
      return features.own(
        new Backend({
          ...{ dialogs, openLink, keys: this.keys, errors: this.errors },
          memory: context.globalState,
          folder: join(context.extensionPath, 'dist', 'backend'),
          chosen: () => this.targets.chosen,
          onDidChange: () => {
            this.targets.refresh();
          },
        }),
      );
    };
    this.tasks = features.own(
      new TaskService({
        ...{ targets, records, runs: this.runs, keys: this.keys, agents: this.agents, dialogs, log },
        memory: this.memory,
        cacheFolder: join(storage, 'snapshots'),
        scanner: join(context.extensionPath, 'dist', 'secret-scanner.mjs'),
      }),
    );
    features.add(
      'task notices',
      () =>
        new TaskNotices({
          ...{ runs: this.runs, dialogs, report: this.report },
          answer: (record, question) => answerQuestion(this, record, question),
          show: (record) => this.showTask(record),
        }),
    );
    features.add('terminal links', () => new TerminalLinks(terminals));
    features.add('status bar', () => new StatusBar(this.runs));
    features.add('target', () => new TargetStatusBar(targets));
    let view: ChangesView | undefined;
    const reveal = (review: Review) => view?.reveal(review);
    this.review = new ReviewCommands({ reviews, contents, dialogs, reveal, report: this.report });
    features.add('changes view', () => (view = new ChangesView(reviews)));
    features.add('change decorations', () => new ChangeDecorations(reviews));
    features.add('review editors', () => watchReviewEditors(reviews));
  }

  /** Shows an error that nobody waits for. */
  readonly report = (error: unknown, doing = 'review', task?: string): void => {
    void this.errors.show(error, doing, task === undefined ? {} : { task });
  };

  /** What shows a run: the chat follows its own by itself; any other has a terminal. */
  viewOf(record: RunRecord): RunView {
    if (record.from !== 'chat') return this.terminals.forRun(record);
    return new UnshownView(() => this.chat?.isSeen(record.runId) === true);
  }

  /** Shows a task in the chat, or in its terminal where it has one and the chat is not in use. */
  async showTask({ runId }: RunRecord): Promise<void> {
    const terminal = this.terminals.ofRun(runId)?.terminal;
    if (this.chat === undefined && terminal !== undefined) terminal.show();
    else await (await this.#loadChat()).show(runId);
  }

  /** The backend in the user's AWS account, loaded when it is first asked for. */
  backend(): Promise<Backend> {
    this.#backend ??= this.#loadBackend();
    return this.#backend;
  }

  /** Takes up what an earlier window of this workspace left, once. */
  takeUpEarlierRuns(): Promise<void> {
    this.#earlier ??= takeUpEarlierRuns(this, windowFolders());
    return this.#earlier;
  }
}
