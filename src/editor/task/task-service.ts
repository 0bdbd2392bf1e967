import * as vscode from 'vscode';
import { newRunId } from '../../core/program/program.ts';
import { LOCAL, targetId, type Target } from '../../core/targets/target.ts';
import { checkPrompt } from '../../core/task/task.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import type { RecordStore } from '../run/record-store.ts';
import { belongsTo, type RunRecord } from '../run/record.ts';
import { ReadOnlyText } from '../report/read-only-text.ts';
import type { Runs } from '../run/runs.ts';
import { windowFolders } from '../run/start.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import { agreeToPlace, destinationOf, forgetPlaces } from '../target/agree.ts';
import { placeDetails } from '../target/place-detail.ts';
import { sandboxOfRun } from '../target/run-sandbox.ts';
import type { Targets } from '../target/targets.ts';
import { requireTrust } from '../trust.ts';
import type { AgentPrograms } from './agent-programs.ts';
import { accessAt, agentAt, requireGoingOn } from './at-place.ts';
import { forgetAgreement } from './consent.ts';
import { draftTask, recordOfTask } from './draft-task.ts';
import type { KeyStore } from './key-store.ts';
import type { AgreedRole, GivenRole } from './give-role.ts';
import type { TaskOptions } from './options.ts';
import type { RoleChoice } from './role-choice.ts';
import { standingInstructions } from './standing.ts';
import { taskDetails } from './task-details.ts';
import type { Waiting } from './waiting.ts';
import { recordedRoots, windowRoots } from './window-roots.ts';

export interface TaskServiceOptions {
  targets: Targets;
  records: RecordStore;
  runs: Runs;
  keys: KeyStore;
  agents: AgentPrograms;
  dialogs: () => Dialogs;
  /** What is remembered of the workspace. */
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
  /** A folder of the user's alone, for what speeds up the next snapshot. */
  cacheFolder: string;
  /** The program that looks for secrets. */
  scanner: string;
}

/** A task that a user wants done. */
export interface TaskWish {
  prompt: string;
  options: TaskOptions;
  /** Where its user is. */
  from: NonNullable<RunRecord['from']>;
  /** Made before, where the run has to have a name at once. */
  runId?: string;
  /** Where it goes; where the user has chosen for the window, if absent. */
  target?: Target;
  /** A task of the conversation that it goes on with, in the same place. */
  resume?: RunRecord;
}

/** A task that is on its way. */
export interface StartedTask {
  record: RunRecord;
  /**
   * Resolves when it has ended, or this window has left it.
   * @throws OffloadError why it could not be begun, or is lost
   */
  ended: Promise<void>;
}

/** Tasks, from a wish to the follow-up. Nothing is sent from a workspace that is not trusted, or without consent. */
export class TaskService implements vscode.Disposable {
  readonly #options: TaskServiceOptions;
  readonly #policy = new ReadOnlyText('offload-policy', 'Session Policy.json');
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when a task is kept or forgotten. */
  readonly onDidChange = this.#changed.event;

  constructor(options: TaskServiceOptions) {
    this.#options = options;
  }

  /**
   * Prepares a task and sends it: the agent is found or installed, the workspace is read, what needs consent is asked for,
   * contents are sent, the record is kept, the task is submitted.
   * @returns once it has begun
   * @throws OffloadError what is missing or wrong; an AbortError where the user wants no more of it
   */
  async start(wish: TaskWish, waiting: Waiting): Promise<StartedTask> {
    requireTrust();
    const { records, runs, keys, agents, targets, log } = this.#options;
    // What is wrong with the prompt is said before anything is asked.
    checkPrompt(wish.prompt);
    const settings = readTaskSettings();
    const resumed = wish.resume && (await this.#readyToGoOn(wish.resume, waiting));
    const place = await targets.place(
      resumed === undefined ? wish.target : (resumed.target ?? LOCAL),
      waiting,
    );
    const { target, can, placed } = place;
    const runId = wish.runId ?? newRunId();
    // Before anything is sent, for it may be refused. It is taken when all is ready, for it runs out.
    const agreed = wish.options.role && (await this.#agreeToRole(runId, wish.options, wish.options.role));
    const asking = { dialogs: this.#options.dialogs(), memory: this.#options.memory };
    const network = await agreeToPlace(place, agreed?.network ?? wish.options.network, asking);
    // What the role needs besides is said with the role.
    const own = agreed === undefined || network === 'open' ? network : wish.options.network;
    const options = { ...wish.options, network: own };
    waiting.signal.throwIfAborted();
    const agent = await agentAt(place, options.agent, () => agents.ready(options.agent, settings, waiting));
    const access = await accessAt(target, settings, keys);
    const roots = windowRoots();
    const standing = await standingInstructions(roots, waiting.signal);
    const isWanted = options.files === 'workspace' && roots.length > 0;
    // Loaded with the first task: finding secrets takes many rules.
    const { WorkspaceSender } = await import('./workspace-sender.ts');
    const name = destinationOf(target);
    const sender = new WorkspaceSender({
      ...this.#options,
      sandbox: place.sandbox,
      ...(name === undefined ? {} : { destination: { id: targetId(target), name } }),
    });
    const prepared = isWanted ? await sender.prepare(roots, standing, waiting) : undefined;
    const draft = (given: GivenRole | undefined) =>
      draftTask(
        { runId, prompt: wish.prompt, options, network, given, resumed },
        { agent, access, standing, prepared, can, toolServers: settings.toolServers },
      );
    // What cannot be asked for is said before anything is sent.
    draft(undefined);
    // What is sent may be another snapshot than the first, where a file has changed meanwhile.
    const sent = prepared && (await sender.send(prepared, waiting));
    const given = agreed && (await this.#takeRole(agreed, waiting));
    const request = { ...draft(given), ...(sent === undefined ? {} : { snapshot: sent.hash }) };
    waiting.signal.throwIfAborted();
    const record: RunRecord = {
      ...recordOfTask(request, options, wish.from, resumed),
      ...placed,
      details: taskDetails({
        agent,
        options,
        prepared,
        standing,
        place: placeDetails(place, 'task', options.minutes * 60, given !== undefined),
      }),
      folders: windowFolders(),
      ...recordedRoots(roots),
    };
    // Before the first byte of the run goes out; contents that were sent are no run.
    await records.save(record);
    await targets.remember(record.runId, placed);
    this.#changed.fire();
    log.info(`task ${record.runId}: ${record.title}`);
    const ended = runs.follow(record, { request });
    // One that is refused was not begun.
    await Promise.race([runs.get(record.runId)?.begun, ended]);
    return { record, ended };
  }

  /**
   * Says something to a task: to its agent while that works, else as the next task of the conversation.
   * @returns the next task, where one was begun
   */
  async reply(
    record: RunRecord,
    text: string,
    { when, from, waiting }: { when: 'now' | 'next'; from: TaskWish['from']; waiting: Waiting },
  ): Promise<StartedTask | undefined> {
    requireTrust();
    if (this.#options.runs.get(record.runId) !== undefined) {
      try {
        await this.say(record.runId, text, when);
        return undefined;
      } catch (error) {
        if (!(error instanceof OffloadError) || error.code !== 'run-ended') throw error;
      }
    }
    const { task } = record;
    if (task === undefined) throw new OffloadError('bad-request', `${record.title} is no task.`);
    return this.start({ prompt: text, options: task.options, from, resume: record }, waiting);
  }

  /**
   * Says something to the agent of a task.
   * @param when whether it steers the agent now, or waits for the end of its turn
   * @throws OffloadError `run-ended` where it takes nothing any more, `too-large`
   */
  async say(runId: string, text: string, when: 'now' | 'next'): Promise<void> {
    requireTrust();
    checkPrompt(text);
    const id = newRunId().replace('r_', 'm_');
    const sandbox = await sandboxOfRun(this.#options, runId);
    await sandbox.input(runId, { type: 'message', id, text, when });
  }

  /** Answers a question of a task's agent. @throws OffloadError `run-ended` where nobody waits for it any more */
  async answer(
    runId: string,
    question: string,
    answer: { chosen: readonly string[]; text?: string | undefined },
  ): Promise<void> {
    const text = answer.text === undefined || answer.text === '' ? {} : { text: answer.text };
    const chosen = [...answer.chosen];
    const sandbox = await sandboxOfRun(this.#options, runId);
    await sandbox.input(runId, { type: 'answer', id: question, chosen, ...text });
  }

  /**
   * The newest task of a conversation, once it has ended.
   * @throws OffloadError `run-ended` where nothing is left of it that could be gone on with
   */
  async #readyToGoOn(record: RunRecord, { onStep, signal }: Waiting): Promise<RunRecord> {
    const latest = await this.latest(record);
    requireGoingOn(latest);
    const run = this.#options.runs.get(latest.runId);
    if (run === undefined) return latest;
    onStep('waiting for the end of the task before');
    signal.throwIfAborted();
    await Promise.race([run.ended.catch(() => undefined), aborted(signal)]);
    signal.throwIfAborted();
    return latest;
  }

  /** What a task may have of AWS. Loaded when one is to have something. */
  async #agreeToRole(
    runId: string,
    { minutes, network }: TaskOptions,
    role: RoleChoice,
  ): Promise<AgreedRole> {
    const { agreeToRole } = await import('./give-role.ts');
    const window = {
      dialogs: this.#options.dialogs(),
      showPolicy: (text: string) => this.#policy.show(text),
    };
    return agreeToRole(window, role, { runId, seconds: minutes * 60, network });
  }

  #takeRole(agreed: AgreedRole, { onStep, signal }: Waiting): Promise<GivenRole> {
    onStep('asking for the AWS role');
    return agreed.take(signal);
  }

  /** Keeps nothing of a task. */
  async forget({ runId }: RunRecord): Promise<void> {
    await this.#options.records.remove(runId);
    this.#changed.fire();
  }

  /** Takes back what the user has agreed to be sent of this workspace. */
  async forgetConsent(): Promise<void> {
    await forgetAgreement(this.#options.memory);
    await forgetPlaces(this.#options.memory);
  }

  dispose(): void {
    this.#policy.dispose();
    this.#changed.dispose();
  }

  /** The tasks of this window's workspace, the newest first. */
  async all(): Promise<RunRecord[]> {
    const folders = windowFolders();
    const records = await this.#options.records.all();
    return records.filter((record) => record.task !== undefined && belongsTo(record, folders)).reverse();
  }

  /** The newest task of a conversation: what goes on goes on from there. */
  async latest(record: RunRecord): Promise<RunRecord> {
    const conversation = record.task?.conversation;
    return (await this.all()).find(({ task }) => task?.conversation === conversation) ?? record;
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
