import { html, type TemplateResult } from 'lit-html';
import type { SessionRun } from '../../src/protocol/chat.ts';
import { icon } from '../components/icon.ts';
import { NO_OUTPUT } from '../state/program-output.ts';
import type { RunView } from '../state/run-view.ts';
import { endWords, programEndWords } from '../text/end-words.ts';
import { clock, placeCostWords, usageWords } from '../text/words.ts';
import { visible } from '../text/visible.ts';
import { changesView } from './changes.ts';
import { disclosure } from './disclosure.ts';
import { errorView } from './error.ts';
import { outputView } from './output.ts';
import type { Page } from './page.ts';

type TaskEntry = Extract<SessionRun, { kind: 'task' }>;

/** What came of a task: whether it was verified, what it ran, what it changed, what it took. */
export function outcomeView(
  page: Page,
  { runId, hourUsd }: Pick<TaskEntry, 'runId' | 'hourUsd'>,
  run: RunView,
): TemplateResult {
  const standing = page.chat.standings.get(runId);
  const error = standing !== undefined && 'error' in standing ? standing.error : undefined;
  return html`
    ${checkView(page, runId, run)} ${executionsView(page, runId, run)}
    ${error !== undefined ? errorView(page, error) : failureView(page, run)} ${changesView(page, runId, run)}
    ${run.end === undefined ? '' : endView(run, hourUsd)}
  `;
}

/** Until the host has said what can be done about it. */
const failureView = (page: Page, run: RunView): unknown =>
  run.end?.type === 'failed' ? errorView(page, { ...run.end.error, remedies: [] }) : '';

function checkView(page: Page, runId: string, { check, outputs }: RunView): unknown {
  if (check === undefined) return '';
  const word = check.passed ? 'Verified' : 'Not verified';
  const row = html`<span class="check-state">${icon(check.passed ? 'check' : 'warning')}</span>
    <span class="check-word">${word}</span>
    <code class="check-command">${visible(check.command)}</code>
    <span class="quiet">${programEndWords(check)}</span>`;
  return disclosure(
    page,
    `${runId} check`,
    row,
    () =>
      outputView(page, {
        ...{ runId, part: { program: 'check' }, label: 'Output of the check' },
        output: outputs.get('check') ?? NO_OUTPUT,
      }),
    check.passed ? 'check passed' : 'check failed',
  );
}

const executionsView = (page: Page, runId: string, { executions, outputs }: RunView): unknown =>
  executions.map((execution) => {
    const good = execution.exitCode === 0;
    const row = html`<span class="check-state">${icon(good ? 'play' : 'error')}</span>
      <code class="check-command">${visible(execution.path)}</code>
      <span class="quiet">${visible(programEndWords(execution))}</span>`;
    return disclosure(
      page,
      `${runId} execution ${execution.path}`,
      row,
      () =>
        outputView(page, {
          ...{ runId, part: { program: execution.path }, label: `Output of ${visible(execution.path)}` },
          output: outputs.get(execution.path) ?? NO_OUTPUT,
        }),
      good ? 'check ran' : 'check failed',
    );
  });

function endView({ end, usage, startedAt }: RunView, hourUsd: number | undefined): unknown {
  if (end === undefined) return '';
  const words = usage === undefined ? undefined : usageWords(usage);
  const parts = [
    endWords(end),
    clock(end.usage.wallMs),
    ...(words === undefined ? [] : [words.short]),
    ...(hourUsd === undefined ? [] : [placeCostWords(startedAt, end, hourUsd)]),
  ];
  return html`<p class="end quiet" title=${words?.long ?? ''}>${parts.join(' · ')}</p>`;
}
