import { asOffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import { changedEntries } from '../checkpoint/changed-entries.ts';
import type { CheckpointState } from '../checkpoint/checkpoint-state.ts';
import type { RunGate } from '../network/gates.ts';
import { limitsBesideBridge } from '../network/through-gate.ts';
import { awsEnvironment } from '../runs/aws-credentials.ts';
import { keepChanges } from '../runs/keep-changes.ts';
import { Paused } from '../runs/run-life.ts';
import { placeTree } from '../sessions/session-tree.ts';
import type { Session } from '../sessions/session.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import { checkWork, executeMade } from './after-agent.ts';
import { AgentWork } from './agent-work.ts';
import { leaveTask } from './leave-task.ts';
import { limitsLeft, taskLimits } from './limits-left.ts';
import { Moving } from './moving.ts';
import { progressFrom, stuckAt, type Progress } from './progress.ts';
import type { TaskParts } from './task-parts.ts';
import type { ProgramPlace } from './task-program.ts';
import { toolsAtHand } from './tools.ts';

/** The work of a task in its session, from the tree that it begins with to the changes that it leaves. */
export class SessionWork {
  readonly #task: TaskParts;
  readonly #session: Session;
  readonly #gate: RunGate | undefined;
  #limits: Limits;
  /** How an earlier function has left the task. */
  #left: CheckpointState | undefined;

  constructor(task: TaskParts, session: Session, gate: RunGate | undefined) {
    this.#task = task;
    this.#session = session;
    this.#gate = gate;
    const { request, services } = task;
    this.#limits = limitsLeft(taskLimits(request, services), services.move?.from?.elapsedMs);
  }

  /** @returns the task's terminal event; or that another function goes on with it */
  async carryOut(): Promise<EventBody | 'moved'> {
    const { life } = this.#task;
    const prepared = await this.#placeTree();
    await this.#restore();
    const place = await this.#place();
    const progress = progressFrom(this.#left);
    const moving = this.#moving(prepared, progress);
    try {
      await this.#goThrough(progress, prepared, place);
    } catch (error) {
      // What was made until then is kept.
      if (!(error instanceof Paused)) life.fail(asOffloadError(error));
    } finally {
      moving?.end();
    }
    if (life.paused && (await this.#leave(progress, prepared))) return 'moved';
    await this.#keepChanges(prepared);
    const { ending } = life;
    if (ending !== undefined) return life.terminal(ending);
    const { verified } = progress;
    return { type: 'completed', usage: life.usage, ...(verified === undefined ? {} : { verified }) };
  }

  async #placeTree(): Promise<PreparedWorkspace> {
    const { request, services, life } = this.#task;
    const { workspaceBytes } = this.#limits;
    const { snapshot } = request;
    const tree = await placeTree(this.#session, snapshot, services.blobs, workspaceBytes, life.signal);
    for (const notice of tree.notices) life.journal.append(notice);
    return tree.prepared;
  }

  /** Where an earlier function has left the task, its files are as it left them then. */
  async #restore(): Promise<void> {
    const { services, inputs, usage } = this.#task;
    const { workspace, home, record } = this.#session;
    const left = await services.move?.from?.restore({ workspace, home, owner: record.owner });
    if (left === undefined) return;
    this.#left = left;
    this.#session.update({ conversation: left.conversation });
    inputs.resume(left);
    usage.resume(left);
    this.#limits = limitsLeft(this.#limits, 0, left.usage.cpuMs);
  }

  async #place(): Promise<ProgramPlace> {
    const { request, services, redactor } = this.#task;
    const { workspace, home, folder, record } = this.#session;
    return {
      ...{ workspace, home, folder, owner: record.owner },
      gate: this.#gate?.folder,
      limits: this.#gate === undefined ? this.#limits : limitsBesideBridge(this.#limits),
      tools: await toolsAtHand(services.interpreters),
      redactor,
      aws: awsEnvironment(request.credentials),
    };
  }

  /** Has the agent work, and what it made checked and run. @param progress told how far it came, also where this throws */
  async #goThrough(
    progress: Progress,
    { snapshot: baseline }: PreparedWorkspace,
    place: ProgramPlace,
  ): Promise<void> {
    const { request, services, life, inputs } = this.#task;
    const { check, execute } = request;
    if (progress.stage === 'agent') {
      const own = { session: this.#session, place, left: this.#left };
      const work = new AgentWork({ ...this.#task, ...own, outputBytes: this.#limits.outputBytes });
      // What was broken off is half of something.
      if (await work.carryOut()) progress.stage = 'check';
      else if (!life.paused) progress.stage = 'done';
    } else inputs.end();
    if (progress.stage === 'check') {
      if (check !== undefined && life.ending === undefined)
        progress.verified = await checkWork(check, place, life, services);
      progress.stage = 'execute';
    }
    if (progress.stage === 'execute') {
      const tree = { baseline, maxBytes: this.#limits.workspaceBytes, executed: progress.executed };
      if (execute && life.ending === undefined) await executeMade(tree, place, life, services);
      progress.stage = 'done';
    }
  }

  #moving({ snapshot }: PreparedWorkspace, progress: Progress): Moving | undefined {
    const { services, life, usage } = this.#task;
    const deadline = services.move?.deadline;
    if (deadline === undefined) return undefined;
    const { workspaceBytes } = this.#limits;
    const moving = new Moving(life, {
      size: async () => (await changedEntries(this.#session, snapshot, workspaceBytes)).bytes,
      stuckAt: () => (this.#left === undefined ? undefined : stuckAt(progress, usage.turns, this.#left)),
    });
    moving.start(deadline);
    return moving;
  }

  /** Leaves what is not done to another function. @returns whether that goes on with it */
  async #leave(
    { stage, verified, executed }: Progress,
    { snapshot: baseline }: PreparedWorkspace,
  ): Promise<boolean> {
    const { services, life, inputs, usage } = this.#task;
    const { move } = services;
    if (move === undefined || stage === 'done') return false;
    const left = { session: this.#session, baseline, maxBytes: this.#limits.workspaceBytes };
    return await leaveTask(life, move, left, () => ({
      stage,
      next: inputs.waiting,
      early: inputs.early,
      turns: usage.turns,
      usage: life.usage,
      ledger: usage.ledger.entries,
      executed,
      ...(verified === undefined ? {} : { verified }),
    }));
  }

  /** What the agent left is kept however the task ended. */
  async #keepChanges(prepared: PreparedWorkspace): Promise<void> {
    const { services, life, blobs } = this.#task;
    const { workspace } = this.#session;
    const left = { workspace, prepared, blobs, maxBytes: this.#limits.workspaceBytes };
    await keepChanges(left, life.journal, services).catch((error: unknown) => {
      life.fail(asOffloadError(error));
    });
  }
}
