import { html, type TemplateResult } from 'lit-html';
import type { SessionRun, Standing } from '../../src/protocol/chat.ts';
import { iconButton } from '../components/button.ts';
import { progressRing } from '../components/progress-ring.ts';
import { isActive, type ChatState } from '../state/chat-state.ts';
import { NO_OUTPUT } from '../state/program-output.ts';
import { EMPTY_RUN, type RunView } from '../state/run-view.ts';
import { doingOf } from '../state/doing.ts';
import { endWords } from '../text/end-words.ts';
import { changesView } from './changes.ts';
import { errorView } from './error.ts';
import { outputView } from './output.ts';
import type { Page } from './page.ts';

/** A run of a code block, and how it stands. */
export interface CodeRun {
  readonly runId: string;
  readonly view: RunView;
  readonly standing: Standing | undefined;
  readonly isActive: boolean;
}

type CodeEntry = Extract<SessionRun, { kind: 'code' }>;

/** The runs of code blocks by the run and block that the code stands in. */
export function codeRunsByBlock(chat: ChatState): Map<string, { entry: CodeEntry; run: CodeRun }[]> {
  const byBlock = new Map<string, { entry: CodeEntry; run: CodeRun }[]>();
  for (const entry of chat.entries) {
    if (entry.kind !== 'code') continue;
    const { runId, place } = entry;
    const run = {
      runId,
      view: chat.runs.get(runId) ?? EMPTY_RUN,
      standing: chat.standings.get(runId),
      isActive: isActive(chat, runId),
    };
    const key = blockPlace(place.runId, place.block);
    byBlock.set(key, [...(byBlock.get(key) ?? []), { entry, run }]);
  }
  return byBlock;
}

export const blockPlace = (runId: string, block: string): string => `${runId} ${block}`;

/** What a code block printed and how it ended. */
export function codeRunView(page: Page, run: CodeRun): TemplateResult {
  const output = run.view.outputs.get('') ?? NO_OUTPUT;
  const { standing } = run;
  const error = standing !== undefined && 'error' in standing ? standing.error : undefined;
  return html`<div class="code-run">
    ${output.text === '' ? '' : outputView(page, { runId: run.runId, part: { program: '' }, output, label: 'Output of the code' })}
    <div class="code-run-state">
      ${
        run.isActive
          ? html`${progressRing()}<span>${doingOf(run.view, standing)}</span> ${iconButton({
                label: 'Stop Run',
                icon: 'stop',
                onPress: () => {
                  page.send({ type: 'stop', runId: run.runId });
                },
              })}`
          : html`<span class="quiet">${run.view.end ? endWords(run.view.end) : ''}</span>`
      }
    </div>
    ${error === undefined ? '' : errorView(page, error)} ${changesView(page, run.runId, run.view)}
  </div>`;
}
