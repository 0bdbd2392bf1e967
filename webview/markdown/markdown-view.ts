import { render, type TemplateResult } from 'lit-html';
import { Directive, directive, type DirectiveResult, type PartInfo } from 'lit-html/directive.js';
import { markdownHtml, type Fence } from './html.ts';
import { sanitized } from './sanitize.ts';
import { NO_MARKDOWN, splitMarkdown, type MarkdownBlock } from './split.ts';

/** How a fence is shown; `index` counts the fences of a text from 0. */
export type FenceView = (fence: Fence, index: number) => TemplateResult;

interface DrawnBlock {
  block: MarkdownBlock;
  nodes: readonly Node[];
  fences: readonly { fence: Fence; holder: HTMLElement }[];
}

/** Markdown that grows: a piece is drawn once, and the last one again as text is added. */
class MarkdownView {
  readonly element = document.createElement('div');
  #markdown = NO_MARKDOWN;
  #drawn: DrawnBlock[] = [];

  constructor() {
    this.element.className = 'markdown';
  }

  update(text: string, viewOf: FenceView): void {
    if (text !== this.#markdown.source) {
      this.#markdown = splitMarkdown(text, this.#markdown);
      this.#draw(this.#markdown.blocks);
    }
    let index = 0;
    for (const { fences } of this.#drawn) {
      for (const { fence, holder } of fences) render(viewOf(fence, index++), holder);
    }
  }

  #draw(blocks: readonly MarkdownBlock[]): void {
    let same = 0;
    while (same < blocks.length && blocks[same] === this.#drawn[same]?.block) same++;
    const old = this.#drawn.splice(same);
    for (const [at, block] of blocks.slice(same).entries()) {
      const next = old.slice(at).flatMap(({ nodes }) => nodes)[0] ?? null;
      this.#drawn.push(this.#drawBlock(block, old[at], next));
    }
    for (const { nodes } of old.slice(blocks.length - same)) removeAll(nodes);
  }

  /** Draws a block in the place of one that was there before, ahead of what follows. */
  #drawBlock(block: MarkdownBlock, before: DrawnBlock | undefined, next: Node | null): DrawnBlock {
    const { html, fences } = markdownHtml(block.token);
    const [only] = fences;
    const [held] = before?.fences ?? [];
    // A fence that grows keeps its element, and with it what the user has selected in it or scrolled to.
    if (only && held && before && block.token.type === 'code' && before.block.token.type === 'code') {
      return { block, nodes: before.nodes, fences: [{ fence: only, holder: held.holder }] };
    }
    const fragment = sanitized(html);
    const holders = [...fragment.querySelectorAll<HTMLElement>('pre[data-fence]')];
    const drawn = {
      block,
      fences: holders.flatMap((pre) => {
        const fence = fences[Number(pre.dataset['fence'])];
        if (fence === undefined) return [];
        const holder = document.createElement('div');
        pre.replaceWith(holder);
        return [{ fence, holder }];
      }),
      nodes: [...fragment.childNodes],
    };
    this.element.insertBefore(fragment, next);
    if (before !== undefined) removeAll(before.nodes);
    return drawn;
  }
}

const removeAll = (nodes: readonly Node[]): void => {
  for (const node of nodes) node.parentNode?.removeChild(node);
};

class MarkdownDirective extends Directive {
  readonly #view = new MarkdownView();

  constructor(part: PartInfo) {
    super(part);
    this.#view.element.dir = 'auto';
  }

  override render(text: string, viewOf: FenceView): unknown {
    this.#view.update(text, viewOf);
    return this.#view.element;
  }
}

/** Markdown of an agent's, as elements in which nothing acts. */
export const markdown: (text: string, viewOf: FenceView) => DirectiveResult = directive(MarkdownDirective);
