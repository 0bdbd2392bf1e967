import { OffloadError } from '../../protocol/error.ts';
import { MAX_PROMPT_BYTES, taskRequestSchema, type Budget, type TaskRequest } from '../../protocol/task.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { newRunId } from '../program/program.ts';

/** What a user wants an agent to do, before it is a request. What is absent is as the protocol or the agent has it. */
export interface Task {
  prompt: string;
  agent: TaskRequest['agent'];
  model?: string | undefined;
  access?: TaskRequest['access'];
  /** What it has of AWS. */
  credentials?: TaskRequest['credentials'];
  /** What the agent is told besides: each a text of its own, in this order. Empty ones are left out. */
  instructions?: readonly string[];
  /** The name of a snapshot whose blobs are there. */
  snapshot?: string | undefined;
  budget?: Budget;
  limits?: TaskRequest['limits'];
  network?: TaskRequest['network'];
  toolServers?: TaskRequest['toolServers'];
  check?: string | undefined;
  execute?: boolean;
  /** The earlier task whose conversation and files go on. */
  resume?: string | undefined;
  /** By default the prompt's first line. */
  title?: string | undefined;
}

/** Seconds that a task may take when nothing is asked: agents take longer than programs. */
export const TASK_SECONDS = 3600;

const MAX_TITLE_CHARS = 200;

/**
 * The request that has a task done, with a fresh id.
 * @throws OffloadError `bad-request` where there is nothing to do or an option cannot be, `too-large` for too long a text
 */
export function taskRequest(task: Task): TaskRequest {
  const { prompt, agent, budget = {}, limits = {}, network = 'closed', execute = false } = task;
  checkPrompt(prompt);
  const instructions = (task.instructions ?? []).filter((text) => text.trim() !== '').join('\n\n');
  checkSize('The instructions take', instructions, 'Shorten them, or put them into files of the workspace.');
  const request: TaskRequest = {
    kind: 'task',
    version: PROTOCOL_VERSION,
    runId: newRunId(),
    title: titleOf(task.title ?? prompt),
    prompt,
    agent,
    budget,
    limits: { wallSeconds: TASK_SECONDS, cpuSeconds: TASK_SECONDS, ...limits },
    network,
    execute,
    ...given('model', task.model),
    ...given('access', task.access),
    ...given('credentials', task.credentials),
    ...given('instructions', instructions === '' ? undefined : instructions),
    ...given('snapshot', task.snapshot),
    ...given('toolServers', task.toolServers),
    ...given('check', task.check),
    ...given('resume', task.resume),
  };
  return checked(request);
}

/** The first line that says something, as far as a title goes, without half a character at its end. */
function titleOf(text: string): string {
  const line = text.split(/[\r\n]/).find((each) => each.trim() !== '') ?? '';
  return line
    .trim()
    .slice(0, MAX_TITLE_CHARS)
    .replace(/[\ud800-\udbff]$/, '');
}

/** A property, or none where there is no value. */
const given = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;

/** @throws OffloadError `bad-request` for a prompt that says nothing, `too-large` for one that is too long to be sent */
export function checkPrompt(prompt: string): void {
  if (prompt.trim() === '') {
    throw new OffloadError('bad-request', 'There is no task: the prompt is empty.', {
      fix: 'Say what the agent should do.',
    });
  }
  const fix = 'Put long material into files of the workspace, and name them in the prompt.';
  checkSize('The prompt takes', prompt, fix);
}

function checkSize(what: string, text: string, fix: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_PROMPT_BYTES) return;
  const [size, limit] = [bytes, MAX_PROMPT_BYTES].map((n) => `${String(Math.ceil(n / 2 ** 20))} MB`);
  throw new OffloadError('too-large', `${what} ${String(size)}; ${String(limit)} can be sent.`, {
    fix,
  });
}

/** What the schema refuses is said by field; a value is never said, since one may be a key. */
function checked(request: TaskRequest): TaskRequest {
  const result = taskRequestSchema.safeParse(request);
  if (result.success) return request;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new OffloadError(
    'bad-request',
    `The task cannot be sent: ${field}: ${issue?.message ?? 'is wrong'}.`,
  );
}
