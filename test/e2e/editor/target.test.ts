import assert from 'node:assert/strict';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';
import { needsEditor } from '../../support/editor/tools.ts';
import { themes } from '../../support/editor/themes.ts';
import { openSession, pictureOfFailure, type Session } from './support/session.ts';

const DEPLOYMENT = {
  ...MADE_UP_DEPLOYMENT,
  ...{ profile: 'team', deployedAt: Date.UTC(2026, 10, 20) },
};

for (const [theme, settings] of Object.entries(themes)) {
  describe(`where runs go, in a ${theme} theme`, () => {
    let session: Session;

    before(async function () {
      needsEditor(this);
      session = await openSession({
        files: { 'job.py': 'print("ran")\n' },
        state: { 'offload/deployments/one.json': JSON.stringify(DEPLOYMENT) },
        settings,
        // Credentials of whoever runs the tests are none of theirs.
        env: {
          AWS_CONFIG_FILE: '/dev/null',
          AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      });
      await session.workbench.waitOffload();
    });

    afterEach(async function () {
      await pictureOfFailure(this, session);
    });

    after(async () => {
      await (session as Session | undefined)?.close();
    });

    it('is shown while a backend is there, chosen in a list, and there again after a reload', async () => {
      const { workbench } = session;
      await workbench.openFile('job.py');
      await workbench.statusBar('This computer').click();
      const rows = workbench.page.locator('.quick-input-list .monaco-list-row');
      await rows.filter({ hasText: 'Account 123456789012 · stack offload · profile team' }).waitFor();
      await workbench.screenshot(`target-list-${theme}`);
      await workbench.pick('AWS · eu-west-1');
      await workbench.statusBar('AWS · eu-west-1').waitFor();
      await workbench.screenshot(`target-chosen-${theme}`);
      await workbench.reload();
      await workbench.statusBar('AWS · eu-west-1').waitFor();
    });

    it('says what to do where it cannot be reached, and runs here again once that is chosen', async () => {
      const { workbench } = session;
      await workbench.openFile('job.py');
      await workbench.runCommand('Offload: Run File in Sandbox');
      await workbench.notification('There is no profile "team" in').waitFor();
      await workbench.screenshot(`target-unreachable-${theme}`);
      await workbench.runCommand('Offload: Choose Where Runs Go');
      await workbench.pick('This computer');
      await workbench.statusBar('This computer').waitFor();
      await workbench.runCommand('Offload: Run File in Sandbox');
      const text = await workbench.waitTerminal(/ran\n[^]*Exited with code 0/);
      assert.doesNotMatch(text, /AWS/);
    });
  });
}
