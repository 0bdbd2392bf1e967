import { messagesApi, type MessagesApi } from '../../support/messages-api/server.ts';
import { say, use } from '../../support/messages-api/turn.ts';
import { needsEditor } from '../../support/editor/tools.ts';
import { agentProgram } from '../../support/task/agents.ts';
import { openSession, pictureOfFailure, until, type Session } from './support/session.ts';

const CALC = 'def add(a, b):\n    return a - b\n';
const edit = (from: string, to: string) =>
  use('Edit', { file_path: '/workspace/calc.py', old_string: from, new_string: to });

describe('a user with a coding agent', () => {
  let session: Session;
  let model: MessagesApi;
  const page = () => session.workbench.page;
  const chat = () => page().frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');

  before(async function () {
    needsEditor(this);
    const program = agentProgram(this, 'OFFLOAD_TEST_CLAUDE');
    model = await messagesApi({
      turns: [
        use('Read', { file_path: '/workspace/calc.py' }),
        edit('a - b', 'a + b'),
        say('It **adds** now.'),
      ],
      replies: [
        {
          to: 'multiply',
          turns: [
            use('Read', { file_path: '/workspace/calc.py' }),
            edit('a + b', 'a * b'),
            say('It multiplies now.'),
          ],
        },
      ],
    });
    session = await openSession({
      files: { 'calc.py': CALC },
      settings: {
        'offload.task.provider': 'compatible',
        'offload.task.baseUrl': model.url,
        'offload.agents.claude-code.path': program,
      },
    });
    await session.workbench.waitOffload();
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
    await (model as MessagesApi | undefined)?.close();
  });

  it('types a prompt into the chat, agrees to what is sent, sees it done, and accepts the change', async () => {
    await page().locator('.activitybar').getByRole('tab', { name: 'Offload' }).click();
    await chat().locator('#prompt textarea').fill('Mend add.');
    await chat().getByRole('button', { name: /^Send/ }).click();
    await page().locator('.monaco-dialog-box').getByRole('button', { name: /Send/ }).first().click();
    await chat().getByText('It adds now.').waitFor();
    await chat().getByText('1 changed file').waitFor();
    await chat().getByRole('button', { name: 'Review' }).click();
    await session.workbench.multiDiff().getByText('a + b').first().waitFor();
    await session.workbench.screenshot('task');
    await chat().getByRole('button', { name: 'Accept All' }).click();
    await until(() => session.read('calc.py') === CALC.replace('a - b', 'a + b'));
  });

  it('runs a task from the palette, and accepts its change in the view of changes', async () => {
    await session.workbench.runCommand('Offload: Run Task…');
    await page().locator('.quick-input-widget input').fill('Make it multiply.');
    await page().keyboard.press('Enter');
    await page().locator('.quick-input-list .monaco-list-row').first().waitFor();
    await page().keyboard.press('Enter');
    await session.workbench.terminalLine('It multiplies now.').waitFor();
    await session.workbench.showSourceControl();
    await session.workbench.pressOnChange('calc.py', 'Accept Change');
    await until(() => session.read('calc.py') === CALC.replace('a - b', 'a * b'));
  });
});
