import { needsEditor } from '../../support/editor/tools.ts';
import { themes } from '../../support/editor/themes.ts';
import { openSession, pictureOfFailure, type Session } from './support/session.ts';

const PLOT = `"""Fits a line to noisy measurements."""
import random, struct, time, zlib

random.seed(7)
xs = [i / 10 for i in range(60)]
ys = [2 * x + 1 + random.gauss(0, 1.5) for x in xs]


def fit(xs, ys):
    n = len(xs)
    mx, my = sum(xs) / n, sum(ys) / n
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return slope, my - slope * mx


print("\\033[1mFitting\\033[0m", len(xs), "points")
for step in range(4):
    print(f"  pass {step + 1}: \\033[32mok\\033[0m", flush=True)
    time.sleep(0.1)
slope, offset = fit(xs, ys)
print(f"slope {slope:.3f}, offset {offset:.3f}")

with open("fit.csv", "w") as file:
    file.write("x,y,fitted\\n")
    for x, y in zip(xs, ys):
        file.write(f"{x:.1f},{y:.3f},{slope * x + offset:.3f}\\n")
with open("package.json", "w") as file:
    file.write('{ "scripts": { "postinstall": "echo hi" } }\\n')
with open(__file__, "a") as file:
    file.write(f"\\n# last fit: {slope:.3f}\\n")
rows = b"".join(b"\\0" + b"".join(bytes((x * 2, y * 2, 160)) for x in range(120)) for y in range(80))
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
with open("heat.png", "wb") as file:
    header = struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0)
    file.write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
`;

const SLEEPER = 'import time\nprint("thinking …", flush=True)\ntime.sleep(60)\n';

for (const [theme, settings] of Object.entries(themes)) {
  describe(`every view in a ${theme} theme`, () => {
    let session: Session;

    before(async function () {
      needsEditor(this);
      const files = { 'analysis/fit.py': PLOT, 'sleeper.py': SLEEPER };
      session = await openSession({ files, settings });
      await session.workbench.waitOffload();
    });

    afterEach(async function () {
      await pictureOfFailure(this, session);
    });

    after(async () => {
      await (session as Session | undefined)?.close();
    });

    const picture = async (name: string) => {
      // What moves into its place has arrived.
      await session.workbench.page.waitForTimeout(700);
      await session.workbench.screenshot(`${name}-${theme}`);
    };

    it('shows the right-click menu', async () => {
      const { workbench } = session;
      await workbench.openFile('analysis/fit.py');
      await workbench.selectLines(1, 37);
      await workbench.contextMenu(workbench.codeLine('def fit'));
      await picture('menu');
      await workbench.page.keyboard.press('Escape');
    });

    it('shows a run, its progress and its end', async () => {
      const { workbench } = session;
      await workbench.openFile('sleeper.py');
      await workbench.runCommand('Offload: Run File in Sandbox');
      await workbench.waitTerminal('thinking');
      // Once it counts, however late that is seen.
      await workbench.statusBar(/running \d+:(?!00)/).waitFor();
      await picture('running');
      await workbench.statusBar('sleeper.py').click();
      await workbench.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
      await picture('cancel');
      await workbench.pick('Cancel sleeper.py');
      await workbench.waitTerminal('Cancelled');
      await workbench.openFile('analysis/fit.py');
      await workbench.runCommand('Offload: Run File in Sandbox');
      await workbench.waitTerminal(/Exited with code 0/);
      await workbench.notification('fit.py changed 4 files').waitFor();
      await picture('end');
    });

    it('shows the review', async () => {
      const { workbench } = session;
      await workbench.pressNotification('fit.py changed 4 files', 'Review');
      await workbench.multiDiff().getByText('last fit').first().waitFor();
      await workbench.changes().filter({ hasText: 'heat.png' }).waitFor();
      await picture('review');
      await workbench.multiDiff().hover();
      for (let i = 0; i < 40; i++) await workbench.page.mouse.wheel(0, 200);
      await picture('review-rest');
    });

    it('shows the question for a file that runs by itself', async () => {
      const { workbench } = session;
      await workbench.pressOnChange('package.json', 'Accept Change');
      await workbench.dialog().waitFor();
      await picture('guarded');
      await workbench.pressDialog('Cancel');
    });

    it('shows a picture that a run made', async () => {
      const { workbench } = session;
      await workbench.changes().filter({ hasText: 'heat.png' }).click();
      await workbench.tab('heat.png').waitFor();
      await picture('picture');
    });

    it('shows a conflict', async () => {
      const { workbench } = session;
      session.write('analysis/fit.py', '# mine now\n');
      await workbench.pressOnChange('analysis', 'Accept Change');
      await workbench.dialog().waitFor();
      await picture('conflict');
      await workbench.pressDialog('Compare');
      await workbench.tab('workspace ↔ sandbox').waitFor();
      await picture('compare');
    });

    it('shows the doctor', async () => {
      const { workbench } = session;
      await workbench.runCommand('Offload: Doctor');
      await workbench.tab('Offload Doctor').waitFor();
      await workbench.editor().getByText('Look again').waitFor();
      await picture('doctor');
    });
  });
}
