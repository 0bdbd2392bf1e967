import { html, type TemplateResult } from 'lit-html';
import type { ReviewedFile } from '../../src/protocol/chat.ts';
import { button, iconButton } from '../components/button.ts';
import { icon } from '../components/icon.ts';
import type { RunView } from '../state/run-view.ts';
import { counted } from '../text/words.ts';
import { visible } from '../text/visible.ts';
import type { Page } from './page.ts';

const OPERATIONS = {
  create: { letter: 'A', word: 'created' },
  modify: { letter: 'M', word: 'modified' },
  delete: { letter: 'D', word: 'deleted' },
} as const;

/** Files that are listed; the review has them all. */
const MAX_LISTED = 200;

/** The files that a run has changed, and what becomes of them: nothing, until the user has said so. */
export function changesView(page: Page, runId: string, run: RunView): TemplateResult | string {
  const reviewed = page.chat.reviews.get(runId);
  const files = reviewed ?? (run.end === undefined ? [] : notReviewed(run));
  if (files.length === 0) return '';
  const open = files.filter(({ decision }) => decision === 'open');
  const busy = decidedNow(page, runId);
  const act = (type: 'review' | 'accept' | 'discard', path?: string) => () => {
    page.send({ type, runId, ...(path === undefined ? {} : { path }) });
  };
  return html`<section class="changes" aria-label="Changed files">
    <div class="changes-head">
      <span class="changes-title">${counted(files.length, 'changed file')}</span>
      ${open.length > 0 && open.length < files.length ? html`<span class="quiet">${open.length} open</span>` : ''}
    </div>
    <ul class="files">
      ${files
        .slice(0, MAX_LISTED)
        .map((file) => fileView(file, busy.has(file.path) || busy.has(undefined), act))}
    </ul>
    ${
      files.length > MAX_LISTED
        ? html`<p class="quiet">
            and ${counted(files.length - MAX_LISTED, 'more file')}; the review has them all.
          </p>`
        : ''
    }
    ${
      open.length === 0 || reviewed === undefined
        ? ''
        : html`<div class="buttons">
            ${button({ label: 'Review', look: 'primary', onPress: act('review') })}
            ${button({ label: 'Accept All', disabled: busy.size > 0, onPress: act('accept') })}
            ${button({ label: 'Discard', disabled: busy.size > 0, onPress: act('discard') })}
          </div>`
    }
  </section>`;
}

/** The paths of a run that are being decided on; undefined stands for all. */
const decidedNow = ({ chat }: Page, runId: string): ReadonlySet<string | undefined> =>
  new Set(
    [...chat.pending.values()].flatMap((message) =>
      (message.type === 'accept' || message.type === 'discard') && message.runId === runId
        ? [message.path]
        : [],
    ),
  );

type Act = (type: 'review' | 'accept' | 'discard', path: string) => () => void;

function fileView(file: ReviewedFile, busy: boolean, act: Act): TemplateResult {
  const { letter, word } = OPERATIONS[file.operation];
  const path = visible(file.path).replaceAll('\n', '⟨U+000A⟩');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const isOpen = file.decision === 'open';
  return html`<li class="file" data-decision=${file.decision} data-operation=${file.operation}>
    <button
      class="file-open"
      title="${path} (${word})"
      ?disabled=${!isOpen}
      @click=${act('review', file.path)}
    >
      <span class="file-letter" aria-hidden="true">${letter}</span>
      <span class="file-name">${name}</span>
      <span class="file-folder">${path.slice(0, -name.length)}</span>
      <span class="unseen">${word}</span>
      ${file.guarded === undefined ? '' : html`<span class="guarded" title=${visible(file.guarded)}>${icon('warning')}</span>`}
    </button>
    ${
      isOpen
        ? [
            iconButton({
              label: `Accept ${name}`,
              icon: 'check',
              disabled: busy,
              onPress: act('accept', file.path),
            }),
            iconButton({
              label: `Discard ${name}`,
              icon: 'discard',
              disabled: busy,
              onPress: act('discard', file.path),
            }),
          ]
        : html`<span class="decision">${file.decision}</span>`
    }
  </li>`;
}

/** As the run's events name them, before the review has taken them up. */
const notReviewed = (run: RunView): ReviewedFile[] =>
  [...run.changes.values()].map(({ path, operation }) => ({ path, operation, decision: 'open' }));
