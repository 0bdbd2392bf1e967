import * as z from 'zod/mini';
import {
  chosenSchema,
  sessionIdSchema,
  sessionRunSchema,
  type Chosen,
  type SessionRun,
} from '../../protocol/chat.ts';

/** Code blocks that were run, and prompts that were never sent, that are remembered at most. */
const KEPT_ENTRIES = 200;

const memorySchema = z.object({
  chosen: z.optional(chosenSchema),
  /** The session that was shown last. */
  session: z.optional(sessionIdSchema),
  /** Code blocks that were run, and tasks that were written and not sent, by their session. */
  entries: z.array(z.object({ session: sessionIdSchema, run: sessionRunSchema })),
});
type Remembered = z.infer<typeof memorySchema>;

/** What the chat keeps in: VS Code's own, of the workspace. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const KEY = 'offload.chat';

/** What the chat remembers of a workspace beside the records of runs. */
export class ChatMemory {
  readonly #memento: Memento;
  #remembered: Remembered;

  constructor(memento: Memento) {
    this.#memento = memento;
    const kept = memorySchema.safeParse(memento.get(KEY));
    this.#remembered = kept.success ? kept.data : { entries: [] };
  }

  get chosen(): Chosen | undefined {
    return this.#remembered.chosen;
  }

  get session(): string | undefined {
    return this.#remembered.session;
  }

  /** What of a session is in no record, in the order in which it came. */
  entriesOf(session: string): SessionRun[] {
    return this.#remembered.entries.filter((entry) => entry.session === session).map(({ run }) => run);
  }

  /** The unsent tasks of all sessions: some have nothing else. */
  get unsent(): { session: string; run: Extract<SessionRun, { kind: 'task' }> }[] {
    return this.#remembered.entries.flatMap(({ session, run }) =>
      run.kind === 'task' ? [{ session, run }] : [],
    );
  }

  sessionOf(runId: string): string | undefined {
    return this.#remembered.entries.find(({ run }) => run.runId === runId)?.session;
  }

  async choose(chosen: Chosen): Promise<void> {
    await this.#keep({ chosen });
  }

  async show(session: string | undefined): Promise<void> {
    const { session: _, ...others } = this.#remembered;
    this.#remembered = others;
    await this.#keep(session === undefined ? {} : { session });
  }

  async add(session: string, run: SessionRun): Promise<void> {
    await this.#keep({ entries: [...this.#remembered.entries, { session, run }].slice(-KEPT_ENTRIES) });
  }

  async forgetRun(runId: string): Promise<void> {
    await this.#keep({ entries: this.#remembered.entries.filter(({ run }) => run.runId !== runId) });
  }

  async forgetSession(session: string): Promise<void> {
    await this.#keep({ entries: this.#remembered.entries.filter((entry) => entry.session !== session) });
  }

  async #keep(part: Partial<Remembered>): Promise<void> {
    this.#remembered = { ...this.#remembered, ...part };
    await this.#memento.update(KEY, this.#remembered);
  }
}
