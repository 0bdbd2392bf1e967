import assert from 'node:assert/strict';
import { needsEditor } from '../../support/editor/tools.ts';
import { openSession, pictureOfFailure, until, type Session } from './support/session.ts';

const REPORT = `import time

NAMES = ["one", "two", "three"]


def describe(name):
    if name == "three":
        raise ValueError("no " + name)
    return name.upper()


with open("names.txt", "a") as file:
    for name in NAMES:
        print("name:", name, flush=True)
        file.write(name + "\\n")
        time.sleep(2)

describe("three")
`;

const POEM = `from pathlib import Path
me = Path(__file__)
text = me.read_text()
me.write_text(text.replace("# " "FIRST", "# first").replace("# " "LAST", "# last"))
# FIRST
# two
# three
# four
# five
# six
# seven
# eight
# LAST
`;

describe('a user with the extension installed', () => {
  let session: Session;

  before(async function () {
    needsEditor(this);
    session = await openSession({
      files: { 'src/report.py': REPORT, 'poem.py': POEM, 'notes.txt': 'only words' },
    });
    await session.workbench.waitOffload();
  });

  afterEach(async function () {
    await pictureOfFailure(this, session);
  });

  after(async () => {
    await (session as Session | undefined)?.close();
  });

  it('offers runs where they apply, and nowhere else', async () => {
    const { workbench } = session;
    const inExplorer = async (name: string) => {
      const labels = await workbench.contextMenu(workbench.page.locator('.explorer-viewlet').getByText(name));
      await workbench.page.keyboard.press('Escape');
      return labels.filter((label) => label.includes('Sandbox'));
    };
    // Whether the folder is trusted is known a moment after it is shown.
    await until(async () => (await inExplorer('poem.py')).length > 0);
    assert.deepEqual(await inExplorer('poem.py'), ['Run File in Sandbox']);
    assert.deepEqual(await inExplorer('notes.txt'), []);
    assert.deepEqual(await inExplorer('src'), []);
    await workbench.openFile('notes.txt');
    const labels = await workbench.contextMenu(workbench.codeLine('only words'));
    await workbench.page.keyboard.press('Escape');
    assert.ok(!labels.some((label) => label.includes('Sandbox')), labels.join(', '));
    const offered = await workbench.commands('Offload: ');
    assert.ok(
      !offered.some((title) => /Run (File|Selection)|Cancel|Accept|Discard|Review/.test(title)),
      offered.join(),
    );
  });

  it('selects code, runs it from the right-click menu and watches its output come', async () => {
    const { workbench } = session;
    await workbench.openFile('src/report.py');
    await workbench.selectLines(1, 18);
    const labels = await workbench.contextMenu(workbench.codeLine('def describe'));
    assert.ok(labels.includes('Run Selection in Sandbox'), labels.join(', '));
    await workbench.pickFromMenu('Run Selection in Sandbox');
    const first = await workbench.waitTerminal('name: one');
    assert.match(first, /▶ report\.py \(lines 1–18\)/);
    assert.ok(!first.includes('ValueError'), 'output is there before the end');
    const all = await workbench.waitTerminal(/Exited with code 1/);
    assert.match(all, /line 8, in describe/);
    assert.equal(session.read('names.txt'), undefined);
  });

  it('is told what changed, accepts it by a button, and takes that back', async () => {
    const { workbench } = session;
    await workbench.pressNotification('report.py (lines 1–18) changed 1 file', 'Accept All');
    await workbench.notification('Accepted names.txt').waitFor();
    assert.equal(session.read('names.txt'), 'one\ntwo\nthree\n');
    await workbench.pressNotification('Accepted names.txt', 'Undo');
    await until(() => session.read('names.txt') === undefined);
  });

  it('follows a link of the stack trace to the line of the file', async () => {
    const { workbench } = session;
    await workbench.openFile('poem.py');
    await workbench.followTerminalLink('line 8, in describe', 'line 8');
    await workbench.tab('report.py').and(workbench.page.locator('.active')).waitFor();
    assert.match(await workbench.cursor(), /^Ln 8, Col 1/);
  });

  it('discards what it does not want from the view of changes', async () => {
    const { workbench } = session;
    await workbench.showSourceControl();
    await workbench.pressOnChange('names.txt', 'Discard Change');
    await workbench.pressDialog('Discard');
    await workbench.changes().first().waitFor({ state: 'detached' });
    assert.equal(session.read('names.txt'), undefined);
  });

  it('runs a file from the palette, takes one block back in the review, and accepts the rest', async () => {
    const { workbench } = session;
    await workbench.openFile('poem.py');
    await workbench.runCommand('Offload: Run File in Sandbox');
    await workbench.waitTerminal(/▶ poem\.py[^]*Exited with code 0/);
    await workbench.pressNotification('poem.py changed 1 file', 'Review');
    await workbench.revertBlock('# first');
    await workbench.pressEditorTitle('Accept All Changes');
    await workbench.notification('Accepted poem.py').waitFor();
    const lines = (session.read('poem.py') ?? '').split('\n');
    assert.deepEqual([lines[4], lines[12]], ['# FIRST', '# last']);
    await workbench.multiDiff().waitFor({ state: 'detached' });
  });
});
