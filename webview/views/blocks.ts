import { html, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import { icon } from '../components/icon.ts';
import { markdown } from '../markdown/markdown-view.ts';
import type { Block, TextBlock } from '../state/block.ts';
import { visible } from '../text/visible.ts';
import { blockPlace, type CodeRun, type codeRunsByBlock } from './code-run.ts';
import { disclosure } from './disclosure.ts';
import { fenceView } from './fence.ts';
import type { Page } from './page.ts';
import { questionView } from './question.ts';
import { toolView, openKey } from './tool.ts';

export interface BlocksContext {
  page: Page;
  runId: string;
  /** Whether the run goes on. */
  active: boolean;
  codeRuns: ReturnType<typeof codeRunsByBlock>;
}

/** Blocks one below the other. One that is the same as before, in the same surroundings, is left as it stands. */
export const blocksView = (context: BlocksContext, blocks: readonly Block[]): unknown =>
  repeat(
    blocks,
    ({ key }) => key,
    (block) => guard(surroundings(context, block), () => blockView(context, block)),
  );

/** All that a block's looks depend on. */
function surroundings(context: BlocksContext, block: Block): unknown[] {
  const { page, runId, codeRuns } = context;
  const placed = codeRuns.get(blockPlace(runId, block.key)) ?? [];
  const runs = placed.flatMap(({ run }) => [run.view, run.standing, page.chat.reviews.get(run.runId)]);
  switch (block.kind) {
    case 'text':
      // Changes of code that was run wait for replies.
      return [
        block,
        page.chat.trusted,
        page.chat.session,
        ...runs,
        placed.length > 0 ? page.chat.pending : 0,
      ];
    case 'question':
      return [block, page.ui.answers, page.chat.pending];
    case 'tool':
      return [block, page.ui.open, ...(block.children.length > 0 ? [page.chat, page.ui] : [])];
    case 'thinking':
      return [block, page.ui.open];
    case 'message':
    case 'retry':
    case 'notice':
      return [block];
  }
}

function blockView(context: BlocksContext, block: Block): TemplateResult {
  const { page, runId } = context;
  switch (block.kind) {
    case 'text':
      return textView(context, block);
    case 'thinking':
      return disclosure(
        page,
        openKey(runId, block),
        html`<span class="thinking-label">Thinking</span>
          <span class="tool-title">${firstLine(block.text)}</span>`,
        () => html`<div class="thinking-text" dir="auto">${block.text}</div>`,
        'thinking',
      );
    case 'tool':
      return toolView(page, runId, block, () => blocksView(context, block.children));
    case 'question':
      return questionView(page, runId, block);
    case 'message':
      return html`<div class="message">
        <span class="quiet">${block.when === 'now' ? 'You, while it worked' : 'You, for its next turn'}</span>
        <div class="prompt-text" dir="auto">${block.text}</div>
      </div>`;
    case 'retry':
      return html`<p class="notice">
        ${icon('retry')}<span
          >The model did not answer: ${visible(block.reason)}. Attempt ${block.attempt} after
          ${Math.max(1, Math.round(block.delayMs / 1000))} s.</span
        >
      </p>`;
    case 'notice':
      return html`<p class="notice">${icon('info')}<span>${visible(block.message)}</span></p>`;
  }
}

function textView({ page, runId, codeRuns }: BlocksContext, block: TextBlock): TemplateResult {
  const placed = codeRuns.get(blockPlace(runId, block.key)) ?? [];
  const runsOf = (fence: number): CodeRun[] =>
    placed.filter(({ entry }) => entry.place.fence === fence).map(({ run }) => run);
  return html`<div class="text">
    ${markdown(block.text, (fence, index) =>
      fenceView(page, { runId, block: block.key, fence: index }, fence, runsOf(index)),
    )}
  </div>`;
}

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0]?.slice(0, 200) ?? '';
