import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { follow } from '../src/core/run/follow.ts';
import type { Sandbox } from '../src/core/sandbox.ts';
import { taskRequest } from '../src/core/task/task.ts';
import { messagesApi, type MessagesApi } from '../test/support/messages-api/server.ts';
import { say, use } from '../test/support/messages-api/turn.ts';
import { CannotRun } from './row.ts';

/** The key of the models that are scripted. */
export const KEY = 'sk-ant-made-up-for-measuring';

/** What one execution of a task took, in milliseconds from its start. */
export interface TimedTask {
  /** To the first text of the agent's. */
  firstMs: number;
  ms: number;
}

/** @throws CannotRun where the agent is not there */
export function claudeProgram(): string {
  const program = process.env['OFFLOAD_TEST_CLAUDE'];
  if (program !== undefined) return program;
  throw new CannotRun(process.env['OFFLOAD_TEST_NO_AGENTS'] ?? 'the test agents are not installed');
}

/** A model for both sides: it says something, writes a file, runs a command, and says that it is done. */
export const scriptedModel = (): Promise<MessagesApi> =>
  messagesApi({
    key: KEY,
    turns: [
      [
        { type: 'text', text: 'I begin.' },
        use('Bash', { command: 'echo one > made.txt', description: 'write' }),
      ],
      use('Bash', { command: 'cat made.txt', description: 'read' }),
      say('It is done.'),
    ],
  });

/** The task through Offload. */
export async function offloadTask(sandbox: Sandbox, model: MessagesApi, program: string): Promise<TimedTask> {
  const started = performance.now();
  let firstMs = Number.NaN;
  let end = '';
  const request = taskRequest({
    prompt: 'Make the file.',
    agent: { id: 'claude-code', program },
    access: { provider: 'messages', baseUrl: model.url, key: KEY },
  });
  for await (const event of follow(sandbox, { request })) {
    if (Number.isNaN(firstMs) && event.type === 'agent' && event.item.kind === 'text')
      firstMs = performance.now() - started;
    end = event.type;
  }
  if (end !== 'completed') throw new Error(`the task ended as ${end}`);
  return { firstMs, ms: performance.now() - started };
}

/** The same by the agent's bare command line, with the same protocol, in an environment of its own. */
export function bareTask(folder: string, model: MessagesApi, program: string): Promise<TimedTask> {
  const place = join(folder, randomBytes(6).toString('hex'));
  for (const name of ['home', 'work', 'tmp']) mkdirSync(join(place, name), { recursive: true });
  const args = [
    ...['-p', '--verbose', '--include-partial-messages', '--permission-mode', 'bypassPermissions'],
    ...['--input-format', 'stream-json', '--output-format', 'stream-json'],
  ];
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: join(place, 'home'),
    TMPDIR: join(place, 'tmp'),
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    ENABLE_TOOL_SEARCH: 'false',
    IS_SANDBOX: '1',
  };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    let firstMs = Number.NaN;
    let said = '';
    const child = spawn(program, args, { cwd: join(place, 'work'), env, stdio: ['pipe', 'pipe', 'ignore'] });
    const message = { role: 'user', content: 'Make the file.' };
    child.stdin.write(
      `${JSON.stringify({ type: 'user', message, parent_tool_use_id: null, session_id: '' })}\n`,
    );
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (Number.isNaN(firstMs) && said.includes('text_delta')) firstMs = performance.now() - started;
      if (said.includes('"type":"result"')) child.stdin.end();
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve({ firstMs, ms: performance.now() - started });
      else reject(new Error(`the agent ended with ${String(code)}`));
    });
  });
}
