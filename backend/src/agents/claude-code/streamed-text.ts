import { OffloadError } from '../../../../src/protocol/error.ts';

/** Characters of one answer at most: no model gives as many. */
const MUCH = 16 * 1024 * 1024;

/** A block of text or thinking that comes in parts. */
interface StreamedBlock {
  id: string;
  kind: 'text' | 'thinking';
  said: string;
}

/**
 * Texts of the answer that streams now, so that a block that is told whole afterwards is not told again: what came in
 * parts is known by its words, since not every endpoint gives its answers ids of their own.
 */
export class StreamedText {
  readonly #blocks = new Map<number, StreamedBlock>();
  #held = 0;

  /** Another answer begins. */
  clear(): void {
    this.#blocks.clear();
    this.#held = 0;
  }

  /**
   * Adds a part to the block of that index, whose id is `id` if it is its first. Gives the block's id.
   * @throws OffloadError `agent-failed` for an answer without end
   */
  add(index: number, kind: StreamedBlock['kind'], part: string, id: () => string): string {
    let block = this.#blocks.get(index);
    if (block?.kind !== kind) {
      block = { id: id(), kind, said: '' };
      this.#blocks.set(index, block);
    }
    this.#held += part.length;
    if (this.#held > MUCH) {
      throw new OffloadError('agent-failed', 'The agent says more in one answer than any model does.');
    }
    block.said += part;
    return block.id;
  }

  /** What of a whole block has not come in parts, and the id that it came under; undefined where none of it has. */
  rest(kind: StreamedBlock['kind'], whole: string): { id: string; rest: string } | undefined {
    for (const [index, block] of this.#blocks) {
      if (block.kind !== kind || !whole.startsWith(block.said)) continue;
      this.#blocks.delete(index);
      return { id: block.id, rest: whole.slice(block.said.length) };
    }
    return undefined;
  }
}
