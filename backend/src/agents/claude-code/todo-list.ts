import * as z from 'zod/mini';
import type { AgentItem } from '../../../../src/protocol/agent-item.ts';

type Todo = Extract<AgentItem, { kind: 'todos' }>['items'][number];

const stateSchema = z.enum(['pending', 'in_progress', 'completed', 'deleted']);
const STATES = { pending: 'pending', in_progress: 'active', completed: 'done' } as const;

const createSchema = z.object({ subject: z.string() });
const updateSchema = z.object({
  taskId: z.string(),
  subject: z.optional(z.string()),
  status: z.optional(stateSchema),
});
const writeSchema = z.object({ todos: z.array(z.object({ content: z.string(), status: stateSchema })) });
const MADE = /^Task #(\S+) created/;

/** The agent's list of what is to do, put together from its uses of the tools that keep it. */
export class TodoList {
  readonly #todos = new Map<string, Todo>();
  /** Subjects of todos that are being made, by their tool use. */
  readonly #made = new Map<string, string>();

  /** A tool is used; the list, where that changes it. */
  use(id: string, name: string, input: unknown): Todo[] | undefined {
    if (name === 'TaskCreate') {
      const made = createSchema.safeParse(input).data;
      if (made !== undefined) this.#made.set(id, made.subject);
      return undefined;
    }
    if (name === 'TaskUpdate') return this.#update(updateSchema.safeParse(input).data);
    if (name !== 'TodoWrite') return undefined;
    const written = writeSchema.safeParse(input).data;
    if (written === undefined) return undefined;
    this.#todos.clear();
    for (const [index, { content, status }] of written.todos.entries()) {
      if (status !== 'deleted') this.#todos.set(String(index), { text: content, state: STATES[status] });
    }
    return this.#list();
  }

  /** A tool has answered; the list, where that changes it. */
  result(id: string, text: string): Todo[] | undefined {
    const subject = this.#made.get(id);
    const number = MADE.exec(text)?.[1];
    this.#made.delete(id);
    if (subject === undefined || number === undefined) return undefined;
    this.#todos.set(number, { text: subject, state: 'pending' });
    return this.#list();
  }

  #update(update: z.infer<typeof updateSchema> | undefined): Todo[] | undefined {
    const todo = update === undefined ? undefined : this.#todos.get(update.taskId);
    if (update === undefined || todo === undefined) return undefined;
    const { taskId, subject = todo.text, status } = update;
    if (status === 'deleted') this.#todos.delete(taskId);
    else
      this.#todos.set(taskId, { text: subject, state: status === undefined ? todo.state : STATES[status] });
    return this.#list();
  }

  #list(): Todo[] {
    return [...this.#todos.values()];
  }
}
