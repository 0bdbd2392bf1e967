import { html, type TemplateResult } from 'lit-html';
import { icon, type IconName } from '../components/icon.ts';
import { progressRing } from '../components/progress-ring.ts';
import type { ToolBlock, ToolOutcome } from '../state/block.ts';
import { toolInput } from '../text/tool-input.ts';
import { clock } from '../text/words.ts';
import { visible } from '../text/visible.ts';
import { disclosure } from './disclosure.ts';
import { outputView, wholeButton } from './output.ts';
import type { Page } from './page.ts';

const OUTCOMES: Readonly<Record<ToolOutcome, { icon: IconName; word: string }>> = {
  done: { icon: 'check', word: 'done' },
  failed: { icon: 'error', word: 'failed' },
  refused: { icon: 'discard', word: 'refused' },
  interrupted: { icon: 'stop', word: 'interrupted' },
};

/**
 * A tool use as a row that opens: its input, its output, and what a sub-agent does for it.
 * @param children draws what a sub-agent says and does
 */
export function toolView(
  page: Page,
  runId: string,
  tool: ToolBlock,
  children: () => unknown,
): TemplateResult {
  const outcome = tool.outcome === undefined ? undefined : OUTCOMES[tool.outcome];
  const state = tool.outcome ?? 'running';
  const took = tool.endedAt === undefined ? 0 : tool.endedAt - tool.startedAt;
  const [verb, what] = wordsOf(tool);
  const row = html`
    <span class="tool-state" title=${outcome?.word ?? 'running'}
      >${outcome ? icon(outcome.icon) : progressRing()}</span
    >
    <span class="tool-name">${verb}</span>
    <span class="tool-title" title=${what}>${what}</span>
    ${took >= 1000 ? html`<span class="tool-time">${clock(took)}</span>` : ''}
    <span class="unseen">${outcome?.word ?? 'running'}</span>
  `;
  // A sub-agent at work is followed without a press.
  const nested =
    tool.children.length > 0 && tool.outcome === undefined && !page.ui.open.has(openKey(runId, tool))
      ? html`<div class="nested">${children()}</div>`
      : '';
  return html`<div class="tool" data-state=${state}>
    ${disclosure(page, openKey(runId, tool), row, () => [
      inputOf(page, runId, tool),
      tool.children.length === 0 ? '' : html`<div class="nested">${children()}</div>`,
      resultOf(page, runId, tool),
    ])}
    ${nested}
  </div>`;
}

export const openKey = (runId: string, { key }: { key: string }): string => `${runId} ${key}`;

/** What a tool use does, and with what; the tool's name until that is known. */
function wordsOf({ name, title = name }: ToolBlock): [verb: string, what: string] {
  const line = visible(title).replaceAll('\n', ' ');
  const end = line.indexOf(' ');
  return end === -1 ? [line, ''] : [line.slice(0, end), line.slice(end + 1)];
}

function inputOf(page: Page, runId: string, tool: ToolBlock): unknown {
  const parts = toolInput(tool);
  return [
    parts.map(({ name, text }) => part(name, html`<pre class="output" tabindex="0">${visible(text)}</pre>`)),
    parts.some(({ isCut }) => isCut) ? wholeButton(page, runId, { tool: tool.id }) : '',
  ];
}

function resultOf(page: Page, runId: string, tool: ToolBlock): unknown {
  // What came of it stands for what was streamed before.
  const output = tool.result === '' ? tool.output : { text: tool.result, left: 0 };
  if (output.text === '') return tool.outcome === undefined ? '' : html`<p class="quiet">No output.</p>`;
  return part('Output', outputView(page, { runId, part: { tool: tool.id }, output, label: 'Output' }));
}

const part = (name: string, content: unknown): TemplateResult =>
  html`<div class="part"><span class="part-name">${name}</span>${content}</div>`;
