import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AWAY, CHOSEN } from '../../support/chat/fake-host.ts';
import { themes, type Theme } from '../../support/editor/themes.ts';
import { agent, begun, completed, say, tool, USAGE } from '../../support/chat/script.ts';
import { withChat } from './support.ts';

const FOLDER = fileURLToPath(new URL('../../../.cache/screenshots/', import.meta.url));

const ANSWER = `Done. \`mean\` now raises **ValueError** for an empty list, see [src/stats.py](src/stats.py:3).

\`\`\`python
def mean(xs):
    """The mean of a list of numbers."""
    if not xs:
        raise ValueError('mean of an empty list')  # as statistics does
    return sum(xs) / len(xs)

print(mean([1, 2, 3.5]))
\`\`\`

| input | before | now |
|---|---|---|
| \`[]\` | ZeroDivisionError | ValueError |
| \`[1, 2]\` | 1.5 | 1.5 |

1. tests pass
2. see https://docs.python.org/3/library/statistics.html

> Nothing else was changed.
`;

const PYTEST =
  '\u001b[31mF\u001b[0m..\n\u001b[1m\u001b[31mE   ZeroDivisionError: division by zero\u001b[0m\n1 failed, 2 passed in 0.02s';

for (const theme of Object.keys(themes) as Theme[]) {
  describe(`the chat in a ${theme} theme`, () => {
    const test = withChat({ theme });
    const page = () => test.chat.page;
    const picture = async (name: string) => {
      mkdirSync(FOLDER, { recursive: true });
      // Until the controls have drawn themselves.
      await page().waitForTimeout(300);
      // Playwright's own way to hide the caret is a style that the policy refuses.
      await page().screenshot({ path: `${FOLDER}chat-${name}-${theme}.png`, caret: 'initial' });
    };

    it('shows an empty chat and its pickers', async () => {
      await picture('empty');
      await page()
        .getByRole('button', { name: /Claude Code/ })
        .click();
      await picture('options');
    });

    it('shows a task on AWS that has ended, and where the next one goes', async () => {
      const chosen = { ...CHOSEN, target: AWAY };
      await page()
        .getByRole('button', { name: /Claude Code/ })
        .click();
      await page().locator('#target').click();
      await page().locator('#target vscode-option', { hasText: 'AWS' }).click();
      const final =
        'A task on AWS · eu-west-1 cannot be gone on with once it has ended: nothing of its workspace and its conversation is kept there.';
      const run = await test.host.beginTask('Fix the failing test.', { chosen, final, hourUsd: 0.12 });
      await test.host.emit(run, ...begun, say('1', 'It is fixed.'), completed);
      await test.host.stand(run, { state: 'ended' });
      await picture('aws');
    });

    it('shows a task from its first step to its end', async () => {
      const run = await test.host.beginTask(
        'Fix the failing test in tests/test_stats.py and add one for an empty list.',
      );
      await test.host.emit(
        run,
        ...begun,
        agent({
          kind: 'thinking',
          id: '1',
          delta: 'The test fails for an empty list. I look at the code first.',
        }),
        say('1', 'I will look at the code and run the tests.'),
        ...tool(
          'a',
          'Read',
          'Read src/stats.py',
          { file_path: '/workspace/src/stats.py' },
          'def mean(xs): …',
        ),
        ...tool('b', 'Bash', 'Run python -m pytest -q', { command: 'python -m pytest -q' }, PYTEST),
        agent({ kind: 'tool', id: 't', name: 'Task' }),
        agent({
          kind: 'tool-call',
          id: 't',
          name: 'Task',
          title: 'Delegate Look for other divisions',
          input: {},
        }),
        agent({ kind: 'tool', id: 'c', name: 'Grep' }, 't'),
        agent({
          kind: 'todos',
          items: [
            { text: 'Look at the code', state: 'done' },
            { text: 'Mend mean()', state: 'active' },
            { text: 'Add a test', state: 'pending' },
          ],
        }),
        agent({ kind: 'usage', usage: USAGE.model }),
      );
      await page()
        .getByRole('button', { name: /Run.*pytest/ })
        .click();
      await page().locator('.todos .row').click();
      await picture('working');
      await page().locator('.todos .row').click();
      await test.host.emit(
        run,
        agent({ kind: 'tool-result', id: 't', outcome: 'done', text: 'None.' }),
        agent({
          kind: 'question',
          id: 'q',
          header: 'Empty list',
          text: 'What should mean([]) do?',
          options: [
            { label: 'Raise ValueError', description: 'as statistics.mean does' },
            { label: 'Return nan' },
          ],
          multiple: false,
          free: true,
        }),
      );
      await picture('question');
      await test.host.emit(
        run,
        agent({ kind: 'answer', id: 'q', text: 'Raise ValueError' }),
        agent({ kind: 'message', id: 'm', text: 'Keep the function small, please.', when: 'now' }),
        agent({ kind: 'retry', attempt: 2, delayMs: 4000, reason: '429 too many requests' }),
        say('2', ANSWER),
        { type: 'check', command: 'python -m pytest -q', passed: true, exitCode: 0 },
        { type: 'execution', path: 'demo.py', language: 'python', exitCode: 1 },
        completed,
      );
      await test.host.stand(run, { state: 'ended' });
      await test.host.post({
        type: 'changes',
        runId: run,
        files: [
          { path: 'src/stats.py', operation: 'modify', decision: 'open' },
          { path: 'tests/test_stats.py', operation: 'create', decision: 'accepted' },
          { path: '.vscode/tasks.json', operation: 'create', decision: 'open', guarded: 'VS Code runs it.' },
          { path: 'old.py', operation: 'delete', decision: 'open' },
        ],
      });
      await page().locator('.fence vscode-button', { hasText: 'Run' }).click();
      const code = [...test.host.sessions.values()][0]?.runs.at(-1)?.runId ?? '';
      await test.host.emit(
        code,
        { type: 'output', stream: 'stdout', text: '2.1666666666666665\n' },
        { type: 'completed', exitCode: 0, usage: { wallMs: 80, outputBytes: 20 } },
      );
      await page().getByText('2.1666').waitFor();
      await picture('end');
      await page().locator('#timeline').hover();
      await page().mouse.wheel(0, -400);
      await page().getByRole('button', { name: 'Go to the End' }).waitFor();
      await picture('code');
    });

    it('shows an error, and the list of chats', async () => {
      await test.host.emit(await test.host.beginTask('An earlier task'), ...begun, completed);
      test.host.refusals.set('submit', {
        code: 'no-access',
        message: 'There is no key for the model.',
        fix: 'Set one: it is kept in the secret store of your editor.',
        remedies: [{ id: 'fix', label: 'Set Model Key…' }],
      });
      await page().locator('#prompt textarea').fill('A further task\nof two lines');
      await page().keyboard.press('Enter');
      await page().getByRole('alert').waitFor();
      await picture('error');
      await test.host.post({ type: 'show', what: 'sessions' });
      await page().locator('.sessions').waitFor();
      await picture('sessions');
    });
  });
}
