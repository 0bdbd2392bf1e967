import type { AgentItem } from '../../../src/protocol/agent-item.ts';
import type { Redactor, RedactingStream } from '../redaction/redactor.ts';

type Delta = Extract<AgentItem, { delta: string }>;

type Tell = (item: AgentItem, parent: string | undefined) => void;

interface Open {
  stream: RedactingStream;
  kind: Delta['kind'];
  id: string;
  parent: string | undefined;
}

/** Takes secrets out of what an agent says, also where they are divided among the parts of a text. */
export class RedactedItems {
  readonly #redactor: Redactor;
  readonly #tell: Tell;
  readonly #open = new Map<string, Open>();

  constructor(redactor: Redactor, tell: Tell) {
    this.#redactor = redactor;
    this.#tell = tell;
  }

  add(item: AgentItem, parent: string | undefined): void {
    if (!('delta' in item)) {
      // What ends a text in parts, and what comes after it, has the same id or none.
      this.end('id' in item ? item.id : undefined);
      this.#tell(this.#redacted(item) as AgentItem, parent);
      return;
    }
    const { kind, id, delta } = item;
    const key = `${kind} ${id}`;
    const open = this.#open.get(key) ?? { stream: this.#redactor.stream(), kind, id, parent };
    this.#open.set(key, open);
    this.#give(open, open.stream.push(delta));
  }

  /** Tells what is held back, of one id or of all. */
  end(id?: string): void {
    for (const [key, open] of this.#open) {
      if (id !== undefined && open.id !== id) continue;
      this.#open.delete(key);
      this.#give(open, open.stream.end());
    }
  }

  #give({ kind, id, parent }: Open, delta: string): void {
    if (delta !== '') this.#tell({ kind, id, delta }, parent);
  }

  #redacted(value: unknown): unknown {
    if (typeof value === 'string') return this.#redactor.redact(value);
    if (Array.isArray(value)) return value.map((each) => this.#redacted(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [this.#redactor.redact(name), this.#redacted(each)]),
    );
  }
}
