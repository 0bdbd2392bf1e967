import assert from 'node:assert/strict';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, until, type Session } from '../editor/support/session.ts';

describe('the chat in the side bar of the editor', () => {
  let session: Session;
  const page = () => session.workbench.page;
  const chat = () => page().frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  const prompt = () => chat().locator('#prompt textarea');
  const show = (name: RegExp | string) => page().locator('.activitybar').getByRole('tab', { name }).click();

  before(async function () {
    needsEditor(this);
    session = await openSession({ files: { 'a.py': 'print(1)\n' } });
    await session.workbench.waitOffload();
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
  });

  it('opens from the activity bar, and says what keeps tasks from being sent', async () => {
    await show('Offload');
    await chat().getByText('Give a task to a coding agent').waitFor();
    const obstacle = chat().getByRole('alert');
    await obstacle.getByText(/There is no key for the model/).waitFor();
    await obstacle.getByText('Set Model Key…').waitFor();
    await chat()
      .getByRole('button', { name: /This computer/ })
      .waitFor();
  });

  it('keeps what was typed while it is not shown', async () => {
    await prompt().fill('half a thought');
    await page().waitForTimeout(500);
    await show(/^Explorer/);
    await page()
      .locator('iframe.webview')
      .waitFor({ state: 'detached' })
      .catch(() => undefined);
    await show('Offload');
    await until(async () => (await prompt().inputValue()) === 'half a thought');
  });

  it('has its commands in the title of the view and in the palette', async () => {
    await session.workbench.runCommand('Offload: Show Chats');
    await chat().getByRole('heading', { name: 'Chats' }).waitFor();
    await chat().getByText('There is none yet.').waitFor();
    await chat().getByRole('button', { name: 'Close the List' }).click();
    await page().locator('.part.sidebar .composite.title').hover();
    await page().locator('.part.sidebar').getByRole('button', { name: 'New Chat' }).click();
    await until(
      async () =>
        await prompt().evaluate(
          (element) =>
            element ===
            (element as unknown as { getRootNode(): { activeElement: unknown } }).getRootNode().activeElement,
        ),
    );
    assert.equal(await prompt().inputValue(), 'half a thought');
  });
});
