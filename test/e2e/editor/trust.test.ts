import assert from 'node:assert/strict';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, type Session } from './support/session.ts';

describe('a folder that the user has not trusted', () => {
  let session: Session;

  before(async function () {
    needsEditor(this);
    session = await openSession({ files: { 'stranger.py': 'print("ran")\n' }, trust: true });
    await session.workbench.statusBar('Restricted Mode').waitFor();
    await session.workbench.waitOffload();
    await session.workbench.openFile('stranger.py');
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
  });

  it('has no runs in its menus', async () => {
    const { workbench } = session;
    await workbench.selectLines(1, 1);
    const labels = await workbench.contextMenu(workbench.codeLine('print'));
    assert.ok(!labels.some((label) => label.includes('Sandbox')), labels.join(', '));
    await workbench.page.keyboard.press('Escape');
  });

  it('runs nothing, says why, and runs once it is trusted', async () => {
    const { workbench } = session;
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.pressNotification('This workspace is not trusted', 'Manage Trust');
    const trust = workbench.page.locator('.workspace-trust-editor');
    await trust.getByText('You are in Restricted Mode').waitFor();
    await workbench.screenshot('untrusted');
    await trust.getByRole('button', { name: 'Trust', exact: true }).click();
    await workbench.statusBar('Restricted Mode').waitFor({ state: 'hidden' });
    await workbench.page.keyboard.press('Escape');
    await workbench.openFile('stranger.py');
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.waitTerminal(/ran\n[^]*Exited with code 0/);
  });
});
