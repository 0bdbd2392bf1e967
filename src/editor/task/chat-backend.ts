import * as vscode from 'vscode';
import { guardedReason } from '../../core/changes/guarded.ts';
import { follow } from '../../core/run/follow.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { isAway, targetById, targetId } from '../../core/targets/target.ts';
import type { Chosen, Place, ReviewedFile, WrittenPart } from '../../protocol/chat.ts';
import { asOffloadError, OffloadError } from '../../protocol/error.ts';
import type { ChangeEvent, RunEvent } from '../../protocol/event.ts';
import type { ChatBackend, Fix, NewTask, Overview } from '../chat/chat-service.ts';
import type { Offload } from '../offload.ts';
import { applyRemedy } from '../report/apply-remedy.ts';
import { remediesFor } from '../report/remedy.ts';
import { LostRun } from '../run/lost-run.ts';
import { placeOf } from '../run/place.ts';
import { runCode } from '../run/start.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import { sandboxOfRun } from '../target/run-sandbox.ts';
import { openWritten } from '../terminal/full-output.ts';
import { requireSamePlace } from './at-place.ts';
import { agentsAt, choicesOf, chosenOf, languageNamed, targetChoices } from './chat-choices.ts';
import { ChatSessions, type TaskOfSession, type TaskRecord } from './chat-sessions.ts';
import { modelAccess } from './model-access.ts';
import type { TaskOptions } from './options.ts';
import type { Waiting } from './waiting.ts';

/** The chat's end in the editor: sessions are the conversations of tasks, named by their first. */
export class EditorChatBackend implements ChatBackend {
  readonly #offload: Offload;
  readonly #sessions: ChatSessions;
  /** What this window has lost sight of: followed to its end again once the chat sees it. */
  readonly #lost = new Map<string, LostRun>();

  constructor(offload: Offload) {
    this.#offload = offload;
    this.#sessions = new ChatSessions(offload);
  }

  async overview(): Promise<Overview> {
    const { agents, keys, targets } = this.#offload;
    const sessions = await this.#sessions.summaries();
    const trusted = vscode.workspace.isTrusted;
    const { chosen } = targets;
    // Where there is one, it is told of.
    if (trusted) {
      void targets.lookForEngine();
      void targets.lookQuietly();
    }
    const places = targetChoices(trusted ? await targets.offered() : [], chosen);
    try {
      const settings = readTaskSettings();
      // A backend that was deployed may have access of its own.
      const needsKey = !isAway(chosen);
      const obstacle = needsKey
        ? await modelAccess(settings, keys).then(() => undefined, asOffloadError)
        : undefined;
      const offered = agentsAt(await agents.offered(settings), targets.known(chosen), chosen);
      const choices = choicesOf(offered, places, settings);
      return { sessions, choices, defaults: chosenOf(settings.defaults, chosen), trusted, obstacle };
    } catch (error) {
      // The settings are wrong: that has to be seen, and nothing else can be offered.
      const choices = choicesOf([], places, undefined);
      const defaults = { agent: '', budget: {}, target: targetId(chosen) };
      return { sessions, choices, defaults, trusted, obstacle: asOffloadError(error) };
    }
  }

  tasks(session: string): Promise<TaskOfSession[]> {
    return this.#sessions.tasks(session);
  }

  onDidChange(listener: () => void): vscode.Disposable {
    const { runs, reviews, tasks, keys, targets } = this.#offload;
    return vscode.Disposable.from(
      runs.onDidChange(listener),
      reviews.onDidChange(listener),
      tasks.onDidChange(listener),
      keys.onDidChange(listener),
      targets.onDidChange(listener),
      vscode.workspace.onDidGrantWorkspaceTrust(listener),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('offload')) listener();
      }),
    );
  }

  async start({ runId, session, prompt, chosen }: NewTask, waiting: Waiting): Promise<void> {
    const { tasks } = this.#offload;
    const [latest] = session === null ? [] : await this.#sessions.records(session);
    if (latest !== undefined) requireSamePlace(latest, chosen.target);
    const options = this.#options(chosen, latest);
    const target = targetById(chosen.target);
    const wish = {
      ...{ prompt, options, runId, from: 'chat' as const },
      ...(latest === undefined ? {} : { resume: latest }),
      ...(target === undefined ? {} : { target }),
    };
    const started = await tasks.start(wish, waiting);
    this.#end(runId, started.ended);
  }

  async chose({ target }: Chosen): Promise<void> {
    const wanted = targetById(target);
    if (wanted !== undefined) await this.#offload.targets.choose(wanted);
  }

  async message(runId: string, text: string, when: 'now' | 'next'): Promise<void> {
    await this.#offload.tasks.say(runId, text, when);
  }

  async answer(
    runId: string,
    question: string,
    answer: { chosen: readonly string[]; text?: string },
  ): Promise<void> {
    await this.#offload.tasks.answer(runId, question, answer);
  }

  async interrupt(runId: string): Promise<void> {
    const run = this.#offload.runs.get(runId);
    if (run === undefined) await (await this.#sandbox(runId)).input(runId, { type: 'interrupt' });
    else await run.interrupt();
  }

  async stop(runId: string): Promise<void> {
    const { runs } = this.#offload;
    const run = runs.get(runId);
    if (run === undefined) await (await this.#sandbox(runId)).cancel(runId);
    else await runs.cancel(run);
  }

  async runCode({ language, code }: { language: string; code: string; place: Place }): Promise<string> {
    const known = languageNamed(language);
    const { runId, ended } = await runCode(this.#offload, { language: known, code });
    this.#end(runId, ended);
    return runId;
  }

  async *follow(
    runId: string,
    after: number,
    signal: AbortSignal,
    onAlive: () => void,
  ): AsyncGenerator<RunEvent, void, undefined> {
    this.#takeUp(runId);
    yield* follow(await this.#sandbox(runId), { runId, after }, signal, onAlive);
  }

  async decisions(runId: string, changes: readonly ChangeEvent[]): Promise<ReviewedFile[] | undefined> {
    const { records, reviews, runs } = this.#offload;
    this.#takeUp(runId);
    if (runs.get(runId) !== undefined) return undefined;
    const review = reviews.get(runId);
    const record = review?.record ?? (await records.read(runId));
    if (record !== undefined && record.changes === undefined) return undefined;
    return changes.map(({ path, operation }) => {
      const guarded = guardedReason(path);
      const open = review?.file(path) !== undefined;
      return {
        path,
        operation,
        ...(guarded === undefined ? {} : { guarded }),
        decision: open ? 'open' : (reviews.decision(runId, path) ?? 'decided'),
      };
    });
  }

  async review(runId: string, path: string | undefined): Promise<void> {
    const { review } = this.#offload;
    await (path === undefined ? review.compare(runId) : review.openChange(this.#file(runId, path)));
  }

  async accept(runId: string, path: string | undefined): Promise<void> {
    const { review } = this.#offload;
    await (path === undefined ? review.acceptAll(runId) : review.acceptOne(this.#file(runId, path)));
  }

  async discard(runId: string, path: string | undefined): Promise<void> {
    const { review } = this.#offload;
    await (path === undefined ? review.discardAll(runId) : review.discardOne(this.#file(runId, path)));
  }

  async remove(session: string, title: string): Promise<void> {
    await this.#sessions.remove(session, title);
  }

  async openFile(runId: string, path: string, line: number | undefined): Promise<void> {
    const { records, reviews } = this.#offload;
    const changed = reviews.get(runId)?.file(path);
    const record = await records.read(runId);
    const place = record && placeOf(record, path);
    const uri =
      changed !== undefined && changed.change.operation !== 'delete'
        ? changed.uri
        : place && vscode.Uri.joinPath(place.root, place.path);
    if (uri === undefined) throw new OffloadError('bad-request', `${path} is in no folder of this window.`);
    const position = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
    const selection = new vscode.Range(position, position);
    await vscode.window.showTextDocument(uri, line === undefined ? {} : { selection });
  }

  async openWhole(runId: string, part: WrittenPart): Promise<void> {
    const { runs, outputFolder } = this.#offload;
    const sandbox = await this.#sandbox(runId);
    // The page follows by itself: it may have shown an end that is not dealt with here yet.
    const goesOn = (await sandbox.runs()).some((run) => run.runId === runId && run.state === 'running');
    const until = goesOn ? runs.get(runId)?.state.seq : undefined;
    await openWritten(sandbox, { runId, until, part }, outputFolder);
  }

  async openLink(href: string): Promise<void> {
    await vscode.env.openExternal(vscode.Uri.parse(href, true));
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  fixes(error: OffloadError, retry: (() => Promise<void>) | undefined): Fix[] {
    const { log } = this.#offload;
    const again = error instanceof LostRun ? error.followAgain : retry;
    return remediesFor(error, again !== undefined).map((remedy) => ({
      label: remedy.label,
      apply: () => applyRemedy(remedy, log, again),
    }));
  }

  log(error: unknown, doing: string): void {
    this.#offload.errors.log(error, doing);
  }

  /** What the chat shows by itself, since it follows the run too, is only logged here. */
  #end(runId: string, ended: Promise<void>): void {
    ended.catch((error: unknown) => {
      this.log(error, 'chat');
      if (error instanceof LostRun) this.#lost.set(runId, error);
    });
  }

  /** Its end, and what it changed, come to the review. */
  #takeUp(runId: string): void {
    const lost = this.#lost.get(runId);
    if (lost === undefined) return;
    this.#lost.delete(runId);
    this.#end(runId, lost.followAgain());
  }

  #options(chosen: Chosen, latest: TaskRecord | undefined): TaskOptions {
    const { minutes, model: _, ...defaults } = latest?.task.options ?? readTaskSettings().defaults;
    const { usd, turns } = chosen.budget;
    return {
      ...defaults,
      agent: chosen.agent,
      ...(chosen.model === undefined ? {} : { model: chosen.model }),
      budget: {
        ...defaults.budget,
        ...(usd === undefined ? {} : { usd }),
        ...(turns === undefined ? {} : { turns }),
      },
      minutes: chosen.budget.minutes ?? minutes,
    };
  }

  #sandbox(runId: string): Promise<Sandbox> {
    return sandboxOfRun(this.#offload, runId);
  }

  #file(runId: string, path: string): unknown {
    const file = this.#offload.reviews.get(runId)?.file(path);
    if (file !== undefined) return file;
    throw new OffloadError('bad-request', `The change to ${path} is decided on already.`);
  }
}
