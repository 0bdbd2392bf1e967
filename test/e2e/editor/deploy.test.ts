import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT } from '../../support/aws/environment.ts';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import { themes } from '../../support/editor/themes.ts';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, until, type Session } from './support/session.ts';

for (const [theme, settings] of Object.entries(themes)) {
  describe(`a user who deploys, in a ${theme} theme`, () => {
    let session: Session;
    let aws: FakeAws;
    const folder = mkdtempSync(join(tmpdir(), 'aws-'));

    before(async function () {
      needsEditor(this);
      aws = await FakeAws.start();
      aws.functions.answer = () => ENVIRONMENT;
      aws.cloudformation.pace = 100;
      aws.codebuild.script.set(
        'BUILD',
        '#7 apt-get update\n#8 fetched 98 packages\n#9 npm ci: added 3 packages',
      );
      const [config, keys] = [join(folder, 'config'), join(folder, 'credentials')];
      writeFileSync(
        config,
        '[profile work]\nregion = eu-west-1\n[profile team]\nrole_arn = arn:aws:iam::1:role/x\n',
      );
      const key = `aws_access_key_id = ${MADE_UP.accessKeyId}\naws_secret_access_key = ${MADE_UP.secretAccessKey}\n`;
      writeFileSync(keys, `[work]\n${key}`);
      session = await openSession({
        files: { 'job.py': 'print("hello")\n' },
        settings,
        env: {
          HOME: folder,
          AWS_ENDPOINT_URL: aws.endpoint,
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_CONFIG_FILE: config,
          AWS_SHARED_CREDENTIALS_FILE: keys,
        },
      });
      await session.workbench.waitOffload();
    });

    afterEach(async function () {
      await pictureOfFailure(this, session);
    });

    after(async () => {
      await (session as Session | undefined)?.close();
      await (aws as FakeAws | undefined)?.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    const picture = async (name: string) => {
      // What moves into its place has arrived.
      await session.workbench.page.waitForTimeout(700);
      await session.workbench.screenshot(`${name}-${theme}`);
    };
    const step = (title: string) =>
      session.workbench.page.locator('.pane').getByRole('treeitem', { name: new RegExp(`^${title}`) });
    const rows = () => session.workbench.page.locator('.quick-input-list .monaco-list-row');

    it('chooses whose account, where, and how tasks reach their model, and sees all that is to be made', async () => {
      const { workbench } = session;
      await workbench.runCommand('Offload: Deploy Backend');
      await rows().filter({ hasText: 'work' }).first().waitFor();
      await picture('deploy-profile');
      await workbench.answer('work');
      await rows().filter({ hasText: 'Ireland' }).first().waitFor();
      await picture('deploy-region');
      await workbench.answer('Ireland');
      await rows().filter({ hasText: 'Bedrock' }).first().waitFor();
      await picture('deploy-model');
      await workbench.answer('None');
      await workbench.dialog().getByText('123456789012').first().waitFor();
      await picture('deploy-plan');
      assert.equal(aws.cloudformation.stacks.length, 0);
    });

    it('sees what failed and why, and can go on', async () => {
      const { workbench } = session;
      aws.account.fail('codebuild:StartBuild', {
        code: 'AccountLimitExceededException',
        message: 'Cannot have more than 0 builds in queue',
      });
      await workbench.pressDialog('Deploy');
      await workbench.notification('starts no build').waitFor();
      await step('Build the image: failed').or(step('Build the image, failed')).first().waitFor();
      await picture('deploy-failed');
      aws.codebuild.looks = 1_000_000;
      await workbench.pressNotification('starts no build', 'Retry');
      await rows().filter({ hasText: 'Bedrock' }).first().waitFor();
      assert.equal(await rows().filter({ hasText: 'Keep' }).count(), 0, 'nothing answers there yet');
      await workbench.answer('None');
      await workbench.dialog().getByText('123456789012').first().waitFor();
      await picture('deploy-plan-again');
      await workbench.pressDialog('Deploy');
    });

    it('sees the steps, and in the end how the backend stands', async () => {
      const { workbench } = session;
      await until(() => aws.codebuild.builds.length > 0);
      aws.codebuild.looks = 2;
      await workbench.page.getByText('added 3 packages').first().waitFor();
      aws.codebuild.looks = 1_000_000;
      await picture('deploy-steps');
      aws.codebuild.looks = 1;
      await workbench.notification('is deployed').waitFor();
      await picture('deploy-done');
      aws.cloudformation.stack('offload')?.drifted.set('Runner', ['/Timeout']);
      await workbench.pressNotification('is deployed', 'Show Status');
      await workbench.tab('Offload Backend').waitFor();
      await workbench.editor().getByText('changed by hand').waitFor();
      await picture('deploy-status');
    });

    it('follows the logs of its functions, and removes it once its name is typed', async () => {
      const { workbench } = session;
      aws.logs.write('/offload/offload/runner', 's', 'START RequestId: 1 Version: 12');
      aws.logs.write('/offload/offload/control', 's', 'a run was claimed');
      await workbench.runCommand('Offload: Show Function Logs');
      await rows().filter({ hasText: 'Runner' }).first().waitFor();
      await workbench.page.keyboard.press('Enter');
      await workbench.statusBar('function logs').waitFor();
      await workbench.page.getByText('a run was claimed').first().waitFor();
      await picture('deploy-logs');
      await workbench.statusBar('function logs').click();
      await workbench.runCommand('Offload: Destroy Backend');
      await rows().filter({ hasText: 'offload in eu-west-1' }).first().waitFor();
      await workbench.answer('offload in eu-west-1');
      await workbench.page.getByText('from AWS account 123456789012').first().waitFor();
      await picture('deploy-destroy');
      await workbench.answer('offload');
      await workbench.notification('is removed').waitFor();
      assert.equal(aws.cloudformation.stack('offload'), undefined);
      await picture('deploy-destroyed');
    });
  });
}
