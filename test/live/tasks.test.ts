import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installCli, type Installation } from '../support/cli/installation.ts';
import type { Ended } from '../support/cli/started.ts';
import { skip } from '../support/reporting/skip.ts';
import { agentProgram } from '../support/task/agents.ts';

/** The key's variable: no other one, and no file of its owner's, is read. */
const KEY = 'OFFLOAD_TEST_ANTHROPIC_KEY';

/** A small model that is in the table of prices, and dollars that each task may take. */
const MODEL = 'claude-haiku-4-5';
const BUDGET = '0.25';

interface Told {
  type: string;
  path?: string;
  exitCode?: number;
  program?: string;
  text?: string;
}

describe('offload task, with a real model', () => {
  let installed: Installation | undefined;
  let program: string;
  let workspaces = 0;

  before(function () {
    const key = process.env[KEY]?.trim() ?? '';
    if (key === '')
      skip(this, `${KEY} is not set: a key of Anthropic's API, which pays for three small tasks`);
    program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    installed = installCli();
    installed.env['ANTHROPIC_API_KEY'] = key;
  });
  after(() => installed?.remove());

  /** Has a task done in a workspace with these files. */
  async function task(
    prompt: string,
    args: string[],
    files: Record<string, string> = {},
  ): Promise<{ ended: Ended; text: (path: string) => string }> {
    assert(installed !== undefined);
    const root = join(installed.work, String(++workspaces));
    mkdirSync(root);
    for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
    const limits = ['--model', MODEL, '--budget', BUDGET, '--max-turns', '20', '--timeout', '240'];
    const all = ['task', '--agent-program', program, '--workspace', root, ...limits, ...args, prompt];
    return { ended: await installed.run(all), text: (path) => readFileSync(join(root, path), 'utf8') };
  }

  /** What it said last is why it failed, with `--json` too. */
  const succeeded = ({ code, stdout, stderr }: Ended): void => {
    assert.equal(code, 0, `${stdout.slice(-2000)}\n${stderr}`);
  };

  it('makes a file', async () => {
    const { ended, text } = await task('Create the file hello.txt with the one word hello in it.', [
      '--apply',
    ]);
    succeeded(ended);
    assert.equal(text('hello.txt').trim(), 'hello');
  });

  it('mends a script that fails, which its check verifies', async () => {
    const { ended, text } = await task(
      'python3 total.py should print 6, and fails. Mend it.',
      ['--apply', '--check', 'test "$(python3 total.py)" = 6'],
      { 'total.py': 'def total(numbers):\n    return sum(number)\n\nprint(total([1, 2, 3]))\n' },
    );
    succeeded(ended);
    assert.match(text('total.py'), /sum\(numbers\)|for /);
  });

  it('writes a program that is run at the end', async () => {
    const { ended } = await task(
      'Write the Python program squares.py, which prints the squares of 1 to 5, each on a line of its own.',
      ['--execute', '--json'],
    );
    succeeded(ended);
    const events = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    const run = events.find(({ type, path }) => type === 'execution' && path === 'squares.py');
    assert.equal(run?.exitCode, 0);
    const output = events.filter(({ type, program: name }) => type === 'output' && name === 'squares.py');
    assert.match(output.map(({ text = '' }) => text).join(''), /1\s+4\s+9\s+16\s+25/);
  });
});
