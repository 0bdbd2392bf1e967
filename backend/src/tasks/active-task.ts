import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROMPT_ID, type AgentItem } from '../../../src/protocol/agent-item.ts';
import { asOffloadError, OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { TaskInput, TaskRequest } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import type { AgentAdapter } from '../agents/agent.ts';
import type { Journal } from '../journal/journal.ts';
import type { RunGate } from '../network/gates.ts';
import { limitsBesideBridge } from '../network/through-gate.ts';
import { changedEntries } from '../checkpoint/changed-entries.ts';
import type { CheckpointState, Stage } from '../checkpoint/checkpoint-state.ts';
import { Redactor } from '../redaction/redactor.ts';
import { Ledger } from '../relay/ledger.ts';
import type { Relay } from '../relay/relay.ts';
import { startRelay } from '../relay/start-relay.ts';
import { awsEnvironment } from '../runs/aws-credentials.ts';
import { keepChanges } from '../runs/keep-changes.ts';
import { limitsWithin } from '../runs/limits-within.ts';
import { openGate } from '../runs/open-gate.ts';
import { Paused, RunLife } from '../runs/run-life.ts';
import { placeTree } from '../sessions/session-tree.ts';
import type { Session } from '../sessions/session.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import { accessOf, secretsOf } from './access.ts';
import { startAgent } from './agent-process.ts';
import type { AgentTurns, TurnsEnd } from './agent-turns.ts';
import { boundedItem, BoundedItems } from './bounded-items.ts';
import { GatheredItems } from './gathered-items.ts';
import { goOnMessage, lateAnswer } from './go-on.ts';
import { leaveTask } from './leave-task.ts';
import { limitsLeft, usageTogether } from './limits-left.ts';
import { madePrograms } from './made-programs.ts';
import { Moving } from './moving.ts';
import { RedactedItems } from './redacted-items.ts';
import { commandProgram, runTaskProgram, type ProgramPlace } from './task-program.ts';
import type { TaskServices } from './task-services.ts';
import { hostTools } from './tools.ts';
import { TurnCount } from '../agents/turn-count.ts';

/** The relay's socket in its folder: unix sockets have short paths. */
const SOCKET = 's';

let relays = 0;

/** A task: an agent at work in a session's workspace. */
export class ActiveTask {
  readonly journal: Journal;
  /** Resolves when the task has ended and left nothing but its journal, its blobs and the session. */
  readonly settled: Promise<void>;
  readonly #request: TaskRequest;
  readonly #adapter: AgentAdapter;
  readonly #services: TaskServices;
  readonly #blobs: string;
  #limits: Limits;
  readonly #life: RunLife;
  readonly #redactor: Redactor;
  readonly #count = new TurnCount();
  #turns: AgentTurns | undefined;
  /** What came before there was an agent to give it to. */
  readonly #early: TaskInput[] = [];
  /** Messages that wait for their turns. */
  #waiting: readonly string[] = [];
  #answers = 0;
  #agentEnded = false;
  #refusal: OffloadError | undefined;
  #model: ModelUsage | undefined;
  #ledger: Ledger;
  /** How an earlier function has left the task. */
  #left: CheckpointState | undefined;

  /** @param blobs a folder for the contents of changes */
  constructor(
    request: TaskRequest,
    adapter: AgentAdapter,
    journal: Journal,
    blobs: string,
    services: TaskServices,
  ) {
    this.journal = journal;
    this.#request = request;
    this.#adapter = adapter;
    // What it would leave has all that its agent has seen, and whoever went on with it would have no credentials.
    const move = request.credentials === undefined ? services.move : undefined;
    this.#services = { ...services, move };
    this.#blobs = blobs;
    const limits = limitsWithin(request.limits, move?.maxWallSeconds ?? services.maxWallSeconds);
    this.#limits = limitsLeft(limits, move?.from?.elapsedMs);
    this.#ledger = this.#newLedger();
    this.#redactor = new Redactor(secretsOf(request, services));
    this.#life = new RunLife(request.runId, journal);
    const work = { carryOut: () => this.#carryOut(), cleanUp: () => Promise.resolve() };
    this.settled = this.#life.live(services.taskSlots, work, move?.from !== undefined);
  }

  /** Ends the task. Its terminal event follows when no process is left. */
  cancel(): void {
    this.#life.end('cancelled');
  }

  /** Ends the task because of something outside it. */
  fail(error: OffloadError): void {
    this.#life.end(error);
  }

  /** @throws OffloadError `run-ended`, `bad-request`; see the protocol's `input` */
  input(input: TaskInput): void {
    // Whoever goes on with it takes it.
    if (this.#life.paused && this.#life.ending === undefined) this.#early.push(input);
    else if (this.#turns !== undefined) this.#give(this.#turns, input);
    else if (this.#agentEnded || this.#life.ending !== undefined) {
      throw new OffloadError('run-ended', 'The task takes nothing any more: it has ended.', {
        fix: 'Send it as a reply to the task.',
      });
    } else if (input.type === 'interrupt') this.cancel();
    else this.#early.push(input);
  }

  /** An answer to what was asked before the task went on here is for the agent all the same. */
  #give(turns: AgentTurns, input: TaskInput): void {
    try {
      turns.give(input);
    } catch (error) {
      const isLate = error instanceof OffloadError && error.code === 'bad-request';
      if (!isLate || this.#left === undefined || input.type !== 'answer') throw error;
      const text = lateAnswer(input.chosen, input.text);
      turns.give({ type: 'message', id: `answer-${String(this.#answers++)}`, text, when: 'now' });
    }
  }

  async #carryOut(): Promise<EventBody | 'moved'> {
    this.journal.append({ type: 'phase', phase: 'starting' });
    const { prompt } = this.#request;
    if (this.#services.move?.from === undefined)
      this.#tell({ kind: 'message', id: PROMPT_ID, text: prompt, when: 'now' });
    const session = await this.#openSession();
    let gate: RunGate | undefined;
    try {
      const access = this.#request.access ?? this.#services.access;
      gate = await openGate(this.#services, this.#request, this.#life, access);
      return await this.#workIn(session, gate);
    } finally {
      await gate?.close();
      session.release();
    }
  }

  async #openSession(): Promise<Session> {
    const { sessions, isolation } = this.#services;
    const { runId, resume, agent } = this.#request;
    if (resume === undefined)
      return await sessions.create(runId, { agent: agent.id, owner: isolation.owner() });
    const session = await sessions.resume(resume, runId);
    const { record } = session;
    if (record.agent === agent.id) return session;
    session.release();
    throw new OffloadError('bad-request', `The conversation is one with ${record.agent}.`, {
      fix: 'Reply with the same agent, or start a new task.',
    });
  }

  async #workIn(session: Session, gate: RunGate | undefined): Promise<EventBody | 'moved'> {
    const { blobs, interpreters } = this.#services;
    const { snapshot, check, execute } = this.#request;
    const life = this.#life;
    const { prepared, notices } = await placeTree(
      session,
      snapshot,
      blobs,
      this.#limits.workspaceBytes,
      life.signal,
    );
    notices.forEach((notice) => {
      this.journal.append(notice);
    });
    await this.#restore(session);
    const place: ProgramPlace = {
      workspace: session.workspace,
      home: session.home,
      folder: session.folder,
      owner: session.record.owner,
      gate: gate?.folder,
      limits: gate === undefined ? this.#limits : limitsBesideBridge(this.#limits),
      tools: await hostTools(interpreters),
      redactor: this.#redactor,
      aws: awsEnvironment(this.#request.credentials),
    };
    let verified = this.#left?.verified;
    let stage: Stage | 'done' = this.#left?.stage ?? 'agent';
    const moving = this.#moving(session, prepared);
    try {
      if (stage === 'agent') {
        const end = await this.#haveAgentWork(session, place);
        this.#judge(end);
        // What was broken off is half of something.
        if (end.outcome === 'done') stage = 'check';
        else if (!life.paused) stage = 'done';
      }
      if (stage === 'check') {
        if (check !== undefined && life.ending === undefined) verified = await this.#check(check, place);
        stage = 'execute';
      }
      if (stage === 'execute') {
        if (execute && life.ending === undefined) await this.#execute(prepared, place);
        stage = 'done';
      }
    } catch (error) {
      // What was made until then is kept.
      if (!(error instanceof Paused)) life.fail(asOffloadError(error));
    } finally {
      moving?.end();
    }
    if (life.paused && stage !== 'done' && (await this.#moveOn(session, prepared, stage, verified)))
      return 'moved';
    // What the agent left is kept however the task ended.
    const { workspace } = session;
    const left = { workspace, prepared, blobs: this.#blobs, maxBytes: this.#limits.workspaceBytes };
    await keepChanges(left, this.journal, this.#services).catch((error: unknown) => {
      life.fail(asOffloadError(error));
    });
    const { ending } = life;
    if (ending !== undefined) return life.terminal(ending);
    return { type: 'completed', usage: life.usage, ...(verified === undefined ? {} : { verified }) };
  }

  /** Has the agent take its turns; resolves when no process of it is left. */
  async #haveAgentWork(session: Session, place: ProgramPlace): Promise<TurnsEnd> {
    const life = this.#life;
    const bounded = new BoundedItems(
      this.#limits.outputBytes,
      (item, parent) => {
        this.#append(item, parent);
      },
      (error) => {
        life.end(error);
      },
    );
    const gathered = new GatheredItems((item, parent) => {
      bounded.add(item, parent);
    });
    const redacted = new RedactedItems(this.#redactor, (item, parent) => {
      gathered.add(item, parent);
    });
    const model = join(this.#services.models, String(relays++));
    mkdirSync(model, { mode: 0o711 });
    let relay: Relay | undefined;
    try {
      relay = await this.#startRelay(join(model, SOCKET), (item) => {
        redacted.add(item, undefined);
      });
      this.journal.append({ type: 'phase', phase: 'running' });
      const agent = await startAgent(
        {
          ...place,
          adapter: this.#adapter,
          options: this.#options(session),
          isolation: this.#services.isolation,
          model,
          socketName: SOCKET,
        },
        {
          onItem: (item, parent) => {
            this.#count.add(item, parent);
            redacted.add(item, parent);
          },
          onNotice: (message) => {
            this.journal.append({ type: 'notice', code: 'agent', message: this.#redactor.redact(message) });
          },
          onConversation: (id) => {
            if (session.record.conversation !== id) session.update({ conversation: id });
          },
        },
        life.signal,
        (error) => {
          life.end(error.code === 'timeout' ? this.#outOfTime() : error);
        },
      );
      this.#turns = agent.turns;
      agent.turns.addWaiting(this.#left?.next ?? []);
      for (const input of this.#early.splice(0)) this.#give(agent.turns, input);
      const { end, usage } = await agent.ended;
      this.#waiting = agent.turns.waiting;
      life.usage = usageTogether(this.#left?.usage, { ...usage, outputBytes: 0 });
      return end;
    } finally {
      this.#turns = undefined;
      this.#agentEnded = true;
      await relay?.close();
      rmSync(model, { recursive: true, force: true });
      redacted.end();
      gathered.dispose();
      await life.drained();
      this.#takeUsage(relay?.usage);
    }
  }

  #startRelay(socket: string, tell: (item: AgentItem) => void): Promise<Relay> {
    const { budget, network } = this.#request;
    return startRelay({
      access: accessOf(this.#request, this.#services),
      budget,
      ledger: this.#ledger,
      socket,
      network,
      carry: this.#services.carry,
      onUsage: (usage) => {
        this.#takeUsage(usage);
        tell({ kind: 'usage', usage: this.#model ?? usage });
      },
      onRefusal: (error) => {
        this.#refusal ??= error;
      },
      onRetry: (retry) => {
        tell({ kind: 'retry', ...retry });
      },
    });
  }

  #options(session: Session) {
    const { prompt, model, instructions, budget, toolServers = {}, agent } = this.#request;
    const { programs, move } = this.#services;
    const own = programs?.[agent.id];
    const left = this.#left;
    return {
      prompt: left?.conversation === undefined ? prompt : goOnMessage(move?.functionSeconds ?? 0),
      model,
      instructions,
      maxTurns: budget.turns === undefined ? undefined : Math.max(1, budget.turns - (left?.turns ?? 0)),
      toolServers,
      resume: session.record.conversation,
      program: agent.program ?? own,
      programInBox: agent.program === undefined && this.#services.programsInBox === true,
      args: agent.args ?? [],
    };
  }

  /** @throws OffloadError for an end that is no success */
  #judge(end: TurnsEnd): void {
    if (this.#life.ending !== undefined) return;
    if (end.outcome === 'turn-limit') {
      throw new OffloadError('budget-reached', 'The agent has had as many turns as the task may have.', {
        fix: 'What it did is kept: allow more turns, and reply to the task to go on.',
      });
    }
    if (end.outcome !== 'failed') return;
    // One that was stopped may take that for a failure of its own.
    if (this.#life.paused && this.#refusal === undefined) return;
    // The relay knows why, where the model did not answer.
    throw this.#refusal ?? this.#redacted(end.error);
  }

  /** What an agent has said at last may be anything. */
  #redacted({ code, message, fix, cause }: OffloadError): OffloadError {
    return new OffloadError(code, this.#redactor.redact(message), { fix, cause });
  }

  async #check(command: string, place: ProgramPlace): Promise<boolean> {
    this.journal.append({ type: 'phase', phase: 'checking' });
    const end = await runTaskProgram(commandProgram('check', command), place, this.#life, this.#services);
    const passed = end.exitCode === 0;
    this.journal.append({ type: 'check', command, passed, ...end });
    return passed;
  }

  async #execute({ snapshot }: PreparedWorkspace, place: ProgramPlace): Promise<void> {
    this.journal.append({ type: 'phase', phase: 'executing' });
    const { isolation } = this.#services;
    const made = await madePrograms(place.workspace, snapshot, this.#limits.workspaceBytes);
    for (const { path, language } of made) {
      const entry = isolation.workspacePath({ workspace: place.workspace }, path);
      const program = { name: path, language, args: [entry] };
      const end = await runTaskProgram(program, place, this.#life, this.#services);
      this.journal.append({ type: 'execution', path, language: language.id, ...end });
    }
  }

  /** Where an earlier function has left the task, its files are as it left them then. */
  async #restore(session: Session): Promise<void> {
    const { workspace, home, record } = session;
    this.#left = await this.#services.move?.from?.restore({ workspace, home, owner: record.owner });
    if (this.#left === undefined) return;
    const { conversation, early, turns, usage, ledger } = this.#left;
    session.update({ conversation });
    this.#early.unshift(...early);
    this.#count.turns = turns;
    this.#ledger = this.#newLedger(ledger);
    this.#life.usage = usage;
    this.#limits = limitsLeft(this.#limits, 0, usage.cpuMs);
  }

  #moving(session: Session, { snapshot }: PreparedWorkspace): Moving | undefined {
    const { move } = this.#services;
    if (move?.deadline === undefined) return undefined;
    const moving = new Moving(this.#life, {
      size: async () => (await changedEntries(session, snapshot, this.#limits.workspaceBytes)).bytes,
      isStuck: () => this.#left !== undefined && this.#count.turns <= this.#left.turns,
    });
    moving.start(move.deadline);
    return moving;
  }

  /** Leaves the task to another function, if nothing has ended it. @returns whether that goes on with it */
  async #moveOn(
    session: Session,
    { snapshot }: PreparedWorkspace,
    stage: Stage,
    verified: boolean | undefined,
  ): Promise<boolean> {
    const { move } = this.#services;
    if (move === undefined || this.#life.ending !== undefined) return false;
    const left = { session, baseline: snapshot, maxBytes: this.#limits.workspaceBytes };
    try {
      const notices = await leaveTask(move, left, () => ({
        stage,
        next: [...this.#waiting],
        early: [...this.#early],
        turns: this.#count.turns,
        usage: this.#life.usage,
        ledger: this.#ledger.entries,
        ...(verified === undefined ? {} : { verified }),
      }));
      for (const notice of notices) this.journal.append(notice);
    } catch (error) {
      this.#life.fail(asOffloadError(error));
    }
    return !this.#isOver();
  }

  /** It may be over since it was asked last. */
  #isOver(): boolean {
    return this.#life.ending !== undefined;
  }

  #newLedger(entries?: CheckpointState['ledger']): Ledger {
    const notice = (message: string): void => {
      this.journal.append({ type: 'notice', code: 'budget', message });
    };
    // What was kept for calls that were cut is given back: control's own account has what they took.
    const before = entries === undefined ? undefined : { ...entries, kept: { nano: 0, tokens: 0 } };
    return new Ledger(this.#request.budget, notice, before);
  }

  #outOfTime(): OffloadError {
    const { limits } = this.#request;
    const seconds = limitsWithin(limits, this.#services.move?.maxWallSeconds).wallSeconds;
    return new OffloadError('timeout', `The task ran longer than ${String(seconds)} s and was ended.`, {
      fix: 'Raise the time limit.',
    });
  }

  #takeUsage(usage: ModelUsage | undefined): void {
    if (usage === undefined) return;
    this.#model = { ...usage, turns: this.#count.turns };
    this.#life.usage = { ...this.#life.usage, model: this.#model };
  }

  #tell(item: AgentItem): void {
    const told = new RedactedItems(this.#redactor, (each) => {
      this.#append(boundedItem(each), undefined);
    });
    told.add(item, undefined);
    told.end();
  }

  #append(item: AgentItem, parent: string | undefined): void {
    void this.#life.appendFast({ type: 'agent', item, ...(parent === undefined ? {} : { parent }) });
  }
}
