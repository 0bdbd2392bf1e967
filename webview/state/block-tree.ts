import type { Block, ToolBlock } from './block.ts';

/** Where a block is: its place among its siblings, below those of its ancestors. Blocks are added and never moved. */
type Path = readonly number[];

/** Blocks, with where each of them is by its key. Never changed: see {@link TreeDraft}. */
export interface BlockTree {
  readonly roots: readonly Block[];
  readonly paths: ReadonlyMap<string, Path>;
}

export const EMPTY_TREE: BlockTree = { roots: [], paths: new Map() };

/**
 * Many changes to a tree at the price of one copy: what is not touched stays the same object, and a block above one that
 * was touched is a new one, so that who draws sees by identity what to draw anew.
 */
export class TreeDraft {
  #roots: Block[];
  readonly #paths: Map<string, Path>;
  /** Lists of children that this draft has made, and may write to. */
  readonly #own = new Set<readonly Block[]>();

  constructor(tree: BlockTree) {
    this.#roots = [...tree.roots];
    this.#paths = new Map(tree.paths);
  }

  done(): BlockTree {
    return { roots: this.#roots, paths: this.#paths };
  }

  /** The block with this key, if it is of this kind. */
  get<Kind extends Block['kind']>(kind: Kind, key: string): Extract<Block, { kind: Kind }> | undefined {
    const path = this.#paths.get(key);
    const block = path && this.#at(path);
    return block?.kind === kind ? (block as Extract<Block, { kind: Kind }>) : undefined;
  }

  /** The last block below a parent, or of the roots. */
  last(parent: string | undefined): Block | undefined {
    return this.#siblings(parent).at(-1);
  }

  /** Adds a block below a tool use; below none that is known, it becomes a root. */
  add(block: Block, parent: string | undefined): void {
    const above = parent === undefined ? undefined : this.#paths.get(parent);
    const path = above ?? [];
    const siblings = this.#writable(path);
    this.#paths.set(block.key, [...path, siblings.length]);
    siblings.push(block);
  }

  /** Puts a block in the place of that with its key. */
  replace(block: Block): void {
    const path = this.#paths.get(block.key);
    const index = path?.at(-1);
    if (path === undefined || index === undefined) return;
    this.#writable(path.slice(0, -1))[index] = block;
  }

  /** Every block, those of sub-agents too. */
  *all(blocks: readonly Block[] = this.#roots): Generator<Block> {
    for (const block of blocks) {
      yield block;
      if (block.kind === 'tool') yield* this.all(block.children);
    }
  }

  #siblings(parent: string | undefined): readonly Block[] {
    const block = parent === undefined ? undefined : this.get('tool', parent);
    return block?.children ?? this.#roots;
  }

  #at(path: Path): Block | undefined {
    let blocks: readonly Block[] = this.#roots;
    let block: Block | undefined;
    for (const index of path) {
      block = blocks[index];
      blocks = block?.kind === 'tool' ? block.children : [];
    }
    return block;
  }

  /** The children of the tool use at a path, as a list to write to; the tool uses above are made anew. */
  #writable(path: Path): Block[] {
    let list = this.#roots;
    for (const index of path) {
      const tool = list[index] as ToolBlock;
      const children = this.#own.has(tool.children) ? (tool.children as Block[]) : [...tool.children];
      this.#own.add(children);
      list[index] = { ...tool, children };
      list = children;
    }
    return list;
  }
}
