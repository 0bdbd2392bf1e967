import { html, type TemplateResult } from 'lit-html';
import { button } from '../components/button.ts';
import { checkbox } from '../components/checkbox.ts';
import { icon } from '../components/icon.ts';
import { textField } from '../components/text.ts';
import type { QuestionBlock } from '../state/block.ts';
import { visible } from '../text/visible.ts';
import { openKey } from './tool.ts';
import type { Answer, Page } from './page.ts';

const NOTHING: Answer = { chosen: [], text: '' };

/** What an agent asks. Everything that is approved by an answer is shown with no character hidden. */
export function questionView(page: Page, runId: string, block: QuestionBlock): TemplateResult {
  const { question } = block;
  const id = openKey(runId, block).replaceAll(/[^\w-]/g, '_');
  return html`<section class="question" data-state=${block.state} role="group" aria-labelledby="${id}-text">
    <div class="question-head">
      ${icon('question')}<span class="question-header">${visible(question.header ?? 'Question')}</span>
    </div>
    <p class="question-text" id="${id}-text">${visible(question.text)}</p>
    ${block.state === 'open' ? answering(page, runId, block, id) : answered(block)}
  </section>`;
}

function answering(page: Page, runId: string, block: QuestionBlock, id: string): TemplateResult {
  const { question } = block;
  const key = openKey(runId, block);
  const answer = page.ui.answers.get(key) ?? NOTHING;
  const waits = isAnswering(page, runId, question.id);
  const note = (next: Answer) => {
    page.change({ answers: new Map(page.ui.answers).set(key, next) });
  };
  const send = (chosen: readonly string[], text: string) => {
    page.send({
      type: 'answer',
      runId,
      question: question.id,
      chosen: [...chosen],
      ...(text.trim() === '' ? {} : { text }),
    });
  };
  const canSend = !waits && isGiven(answer);
  const needsSend = question.multiple || question.free;
  return html`
    <div class=${question.multiple ? 'question-choices' : 'question-options'}>
      ${question.options.map(({ label, description }) =>
        question.multiple
          ? html`<div class="question-choice">
              ${checkbox({
                label: visible(label),
                checked: answer.chosen.includes(label),
                disabled: waits,
                onChange: (checked) => {
                  const others = answer.chosen.filter((each) => each !== label);
                  note({ ...answer, chosen: checked ? [...others, label] : others });
                },
              })}${explanation(description)}
            </div>`
          : html`<div class="question-choice">
              ${button({
                label: visible(label),
                disabled: waits,
                onPress: () => {
                  send([label], answer.text);
                },
              })}${explanation(description)}
            </div>`,
      )}
    </div>
    ${
      question.free
        ? textField({
            id: `${id}-free`,
            label: question.options.length > 0 ? 'Or in your words' : 'Your answer',
            value: answer.text,
            disabled: waits,
            onInput: (text) => {
              note({ ...answer, text });
            },
            onKey: (event) => {
              // The page may not have been drawn again since the last key.
              const now = page.ui.answers.get(key) ?? NOTHING;
              if (event.key !== 'Enter' || event.isComposing || isAnswering(page, runId, question.id)) return;
              if (isGiven(now)) send(now.chosen, now.text);
            },
          })
        : ''
    }
    ${
      needsSend
        ? button({
            label: 'Answer',
            look: 'primary',
            disabled: !canSend,
            onPress: () => {
              send(answer.chosen, answer.text);
            },
          })
        : ''
    }
  `;
}

const isGiven = ({ chosen, text }: Answer): boolean => chosen.length > 0 || text.trim() !== '';

const explanation = (description: string | undefined): unknown =>
  description === undefined ? '' : html`<span class="quiet">${visible(description)}</span>`;

const answered = ({ state, answer }: QuestionBlock): TemplateResult =>
  state === 'answered'
    ? html`<p class="question-answer">${icon('check')}<span>${visible(answer ?? '')}</span></p>`
    : html`<p class="quiet">This needs no answer any more.</p>`;

const isAnswering = ({ chat }: Page, runId: string, question: string): boolean =>
  [...chat.pending.values()].some(
    (message) => message.type === 'answer' && message.runId === runId && message.question === question,
  );
