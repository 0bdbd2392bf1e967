import assert from 'node:assert/strict';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, until, type Session } from './support/session.ts';

const SLOW = `import time
print("before the reload", flush=True)
time.sleep(40)
print("after the reload", flush=True)
open("made.txt", "w").write("made")
`;

describe('a reload of the window', () => {
  let session: Session;

  before(async function () {
    needsEditor(this);
    session = await openSession({ files: { 'slow.py': SLOW } });
    await session.workbench.waitOffload();
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
  });

  it('in mid-run finds the run again, with its output, to its end', async () => {
    const { workbench } = session;
    await workbench.openFile('slow.py');
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.waitTerminal('before the reload');
    await workbench.reload();
    await workbench.statusBar('slow.py: running').waitFor();
    const shown = await workbench.waitTerminal(/Exited with code 0/);
    assert.match(shown, /▶ slow\.py[^]*before the reload\nafter the reload/);
    await workbench.notification('slow.py changed 1 file').waitFor();
    assert.equal(session.read('made.txt'), undefined);
  });

  it('after the end finds the changes again, which can be accepted', async () => {
    const { workbench } = session;
    await workbench.runCommand('Offload: Review Changes');
    await workbench.multiDiff().getByText('made.txt').first().waitFor();
    await workbench.reload();
    await workbench.waitOffload();
    await workbench.runCommand('Offload: Accept All Changes');
    await until(() => session.read('made.txt') === 'made');
  });
});
