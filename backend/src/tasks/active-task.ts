import { PROMPT_ID } from '../../../src/protocol/agent-item.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { TaskInput, TaskRequest } from '../../../src/protocol/task.ts';
import type { AgentAdapter } from '../agents/agent.ts';
import type { Journal } from '../journal/journal.ts';
import type { RunGate } from '../network/gates.ts';
import { Redactor } from '../redaction/redactor.ts';
import { openGate } from '../runs/open-gate.ts';
import { RunLife } from '../runs/run-life.ts';
import { secretsOf } from './access.ts';
import { tellItem } from './agent-items.ts';
import { openSession } from './open-session.ts';
import { SessionWork } from './session-work.ts';
import { TaskInputs } from './task-inputs.ts';
import type { TaskParts } from './task-parts.ts';
import type { TaskServices } from './task-services.ts';
import { TaskUsage } from './task-usage.ts';

/** A task: an agent at work in a session's workspace. */
export class ActiveTask {
  readonly journal: Journal;
  /** Resolves when the task has ended and left nothing but its journal, its blobs and the session. */
  readonly settled: Promise<void>;
  readonly #parts: TaskParts;

  /** @param blobs a folder for the contents of changes */
  constructor(
    request: TaskRequest,
    adapter: AgentAdapter,
    journal: Journal,
    blobs: string,
    services: TaskServices,
  ) {
    this.journal = journal;
    // What it would leave has all that its agent has seen, and whoever went on with it would have no credentials.
    const move = request.credentials === undefined ? services.move : undefined;
    const life = new RunLife(request.runId, journal, services.queuedAt);
    this.#parts = {
      request,
      adapter,
      services: { ...services, move },
      blobs,
      life,
      inputs: new TaskInputs(life),
      usage: new TaskUsage(life, request.budget),
      redactor: new Redactor(secretsOf(request, services)),
    };
    const work = { carryOut: () => this.#carryOut(), cleanUp: () => Promise.resolve() };
    this.settled = life.live(services.taskSlots, work, move?.from !== undefined);
  }

  /** Ends the task. Its terminal event follows when no process is left. */
  cancel(): void {
    this.#parts.life.end('cancelled');
  }

  /** Ends the task because of something outside it. */
  fail(error: OffloadError): void {
    this.#parts.life.end(error);
  }

  /** Tells its user something that ends nothing. */
  tell(event: EventBody): void {
    this.#parts.life.tell(event);
  }

  /** @throws OffloadError `run-ended`, `bad-request`; see the protocol's `input` */
  input(input: TaskInput): void {
    this.#parts.inputs.take(input);
  }

  async #carryOut(): Promise<EventBody | 'moved'> {
    const { request, services, life, redactor } = this.#parts;
    this.journal.append({ type: 'phase', phase: 'starting' });
    if (services.move?.from === undefined)
      tellItem(life, redactor, { kind: 'message', id: PROMPT_ID, text: request.prompt, when: 'now' });
    const session = await openSession(request, services);
    let gate: RunGate | undefined;
    try {
      gate = await openGate(services, request, life, request.access ?? services.access);
      return await new SessionWork(this.#parts, session, gate).carryOut();
    } finally {
      await gate?.close();
      session.release();
    }
  }
}
