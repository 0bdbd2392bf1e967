import assert from 'node:assert/strict';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, type Session } from './support/session.ts';

const FOREVER = `import itertools, time
for i in itertools.count():
    print("tick", i, flush=True)
    time.sleep(0.7)
`;

describe('a run that the user no longer wants', () => {
  let session: Session;

  before(async function () {
    needsEditor(this);
    session = await openSession({ files: { 'forever.py': FOREVER } });
    await session.workbench.waitOffload();
    await session.workbench.openFile('forever.py');
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
  });

  it('is cancelled from the status bar, which shows how long it has been running', async () => {
    const { workbench } = session;
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.waitTerminal('tick 1');
    const item = workbench.statusBar('forever.py: running 0:0');
    await item.click();
    await workbench.pick('Cancel forever.py');
    const shown = await workbench.waitTerminal(/■ Cancelled after/);
    assert.match(shown, /tick 1/, 'what came before is kept');
    await item.waitFor({ state: 'hidden' });
  });

  it('is cancelled by Ctrl+C in its terminal', async () => {
    const { workbench } = session;
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.waitTerminal(/Cancelled[^]*▶ forever\.py[^]*tick 1/);
    await workbench.runCommand('Terminal: Focus Terminal');
    await workbench.page.keyboard.press('Control+C');
    // The end of this run is the last that is there; its beginning may be out of sight by then.
    await workbench.waitTerminal(/tick \d+\s+■ Cancelled after [\d.]+ s\s*$/);
  });
});
