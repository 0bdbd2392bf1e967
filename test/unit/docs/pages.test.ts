import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { COMMANDS } from '../../../src/cli/main.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What users read: all of it but the plan. */
const PAGES = ['README.md', 'docs/architecture.md', 'docs/closed-network.md'];

const manifest = JSON.parse(read('package.json')) as {
  contributes: { commands: { title: string }[]; configuration: { properties: Record<string, object> } };
};

/** The command lines of `offload` that a page shows: a line of a block each, or a span of code. */
function commandLines(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```\w*\n(.*?)^ *```$/gms)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const spans = [...text.replaceAll(/^ *```.*?^ *```$/gms, '').matchAll(/`([^`]+)`/g)].map(
    ([, span = '']) => span,
  );
  return [...blocks, ...spans]
    .map((line) => /(?:^|\| )(offload [a-z-]+(?= |$).*)/.exec(line.replace(/\s+#.*/, '').trim())?.[1] ?? '')
    .filter((line) => line !== '');
}

describe('the pages for users', () => {
  for (const page of PAGES) {
    it(`${page} shows commands and options that there are`, () => {
      for (const line of commandLines(read(page))) {
        const [, name = '', ...words] = line.split(' ');
        const command = COMMANDS.find((each) => each.name === name);
        assert(command, line);
        // What is quoted, and what comes after a file, is no option.
        const options =
          words
            .join(' ')
            .replaceAll(/"[^"]*"|'[^']*'/g, '')
            .match(/(?<= |^)--[a-z-]+/g) ?? [];
        for (const option of options) assert.match(command.help, new RegExp(`${option}(?![\\w-])`), line);
      }
    });

    it(`${page} names settings that there are`, () => {
      const names = read(page).match(/(?<=`)offload\.[a-zA-Z.-]+[a-zA-Z](?=`)/g) ?? [];
      for (const name of names) assert(name in manifest.contributes.configuration.properties, name);
    });
  }

  it('shows enough of them', () => {
    assert(commandLines(read('README.md')).length > 20);
    assert(commandLines(read('docs/closed-network.md')).length > 5);
  });

  it('says of the network what Lambda wants to hear, wherever something is run there', () => {
    const there = commandLines(read('README.md')).filter((line) =>
      /^offload (run|task) .*--target lambda/.test(line),
    );
    assert(there.length >= 2);
    for (const line of there) assert.match(line, /--network open/);
  });

  it('names commands of the editor that there are', () => {
    // In running text a name may stand without the dots that say that more is asked.
    const plain = (name: string): string => name.replace(/…$/, '');
    const titles = new Set(manifest.contributes.commands.map(({ title }) => plain(title)));
    const rows = read('README.md').match(/^\| \*\*.*?\|/gm) ?? [];
    assert(rows.length > 10);
    for (const [, name = ''] of rows.join('').matchAll(/\*\*(.*?)\*\*/g))
      assert(titles.has(plain(name)), name);
  });

  it('leads to pages that are in the package, as messages do', async () => {
    const links = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^):#]+)\)/g)].map(([, link = '']) =>
        relative(root, join(root, dirname(page), link)),
      ),
    );
    const sources = globSync(['src/**/*.ts', 'backend/src/**/*.ts'], { cwd: root }).map(read).join('\n');
    // A path that an import has is bundled.
    const named: string[] = sources.match(/(?<![/\w])docs\/[a-z-]+\.(md|yaml)/g) ?? [];
    assert(links.includes('docs/closed-network.md') && named.includes('docs/closed-network.md'));
    const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
    const { stdout } = await promisify(execFile)(process.execPath, [vsce, 'ls', '--no-dependencies'], {
      cwd: root,
    });
    const packed = new Set(stdout.split('\n'));
    for (const path of new Set([...links, ...named])) {
      assert(existsSync(join(root, path)), path);
      assert(packed.has(path), `${path} is not in the package`);
    }
  });
});
