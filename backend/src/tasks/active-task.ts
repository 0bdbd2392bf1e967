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
import { Redactor } from '../redaction/redactor.ts';
import type { Relay } from '../relay/relay.ts';
import { startRelay } from '../relay/start-relay.ts';
import { limitsWithin } from '../runs/active-run.ts';
import { kept } from '../runs/kept-contents.ts';
import { openGate } from '../runs/open-gate.ts';
import { RunLife } from '../runs/run-life.ts';
import { placeTree } from '../sessions/session-tree.ts';
import type { Session } from '../sessions/session.ts';
import { blobEvents } from '../workspace/blob-parts.ts';
import { collectChanges } from '../workspace/collect.ts';
import type { PreparedWorkspace } from '../workspace/prepare.ts';
import { accessOf, secretsOf } from './access.ts';
import { startAgent } from './agent-process.ts';
import type { AgentTurns, TurnsEnd } from './agent-turns.ts';
import { boundedItem, BoundedItems } from './bounded-items.ts';
import { GatheredItems } from './gathered-items.ts';
import { madePrograms } from './made-programs.ts';
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
  readonly #limits: Limits;
  readonly #life: RunLife;
  readonly #redactor: Redactor;
  readonly #count = new TurnCount();
  #turns: AgentTurns | undefined;
  /** What came before there was an agent to give it to. */
  readonly #early: TaskInput[] = [];
  #agentEnded = false;
  #refusal: OffloadError | undefined;
  #model: ModelUsage | undefined;

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
    this.#services = services;
    this.#blobs = blobs;
    this.#limits = limitsWithin(request.limits, services.maxWallSeconds);
    this.#redactor = new Redactor(secretsOf(request, services));
    this.#life = new RunLife(request.runId, journal);
    this.settled = this.#life.live(services.taskSlots, {
      carryOut: () => this.#carryOut(),
      cleanUp: () => Promise.resolve(),
    });
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
    if (this.#turns !== undefined) this.#turns.give(input);
    else if (this.#agentEnded || this.#life.ending !== undefined) {
      throw new OffloadError('run-ended', 'The task takes nothing any more: it has ended.', {
        fix: 'Send it as a reply to the task.',
      });
    } else if (input.type === 'interrupt') this.cancel();
    else this.#early.push(input);
  }

  async #carryOut(): Promise<EventBody> {
    this.journal.append({ type: 'phase', phase: 'starting' });
    const { prompt } = this.#request;
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

  async #workIn(session: Session, gate: RunGate | undefined): Promise<EventBody> {
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
    const place: ProgramPlace = {
      workspace: session.workspace,
      home: session.home,
      folder: session.folder,
      owner: session.record.owner,
      gate: gate?.folder,
      limits: gate === undefined ? this.#limits : limitsBesideBridge(this.#limits),
      tools: await hostTools(interpreters),
      redactor: this.#redactor,
    };
    let verified: boolean | undefined;
    try {
      const end = await this.#haveAgentWork(session, place);
      this.#judge(end);
      // What was broken off is half of something.
      const goesOn = () => end.outcome === 'done' && life.ending === undefined;
      if (check !== undefined && goesOn()) verified = await this.#check(check, place);
      if (execute && goesOn()) await this.#execute(prepared, place);
    } catch (error) {
      // What was made until then is kept.
      life.fail(asOffloadError(error));
    }
    await this.#collect(session.workspace, prepared).catch((error: unknown) => {
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
          life.end(error);
        },
      );
      this.#turns = agent.turns;
      for (const input of this.#early.splice(0)) agent.turns.give(input);
      const { end, usage } = await agent.ended;
      life.usage = { ...usage, outputBytes: 0 };
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
      onNotice: (message) => {
        this.journal.append({ type: 'notice', code: 'budget', message });
      },
    });
  }

  #options(session: Session) {
    const { prompt, model, instructions, budget, toolServers = {}, agent } = this.#request;
    const own = this.#services.programs?.[agent.id];
    return {
      prompt,
      model,
      instructions,
      maxTurns: budget.turns,
      toolServers,
      resume: session.record.conversation,
      program: agent.program ?? own,
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
    // The relay knows why, where the model did not answer.
    throw this.#refusal ?? end.error;
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

  /** What the agent left is kept however the task ended. */
  async #collect(workspace: string, prepared: PreparedWorkspace): Promise<void> {
    this.journal.append({ type: 'phase', phase: 'collecting' });
    const changes = collectChanges(workspace, this.#blobs, prepared, this.#limits.workspaceBytes);
    for await (const event of kept(changes, this.#blobs, this.#services)) {
      if (this.#services.inlineBlobs && event.type === 'change' && event.hash !== undefined) {
        for await (const part of blobEvents(this.#blobs, event.hash)) this.journal.append(part);
      }
      this.journal.append(event);
    }
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
