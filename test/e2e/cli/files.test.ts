import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installation } from '../../support/cli/installation.ts';
import { code } from '../../support/target/code.ts';

describe('offload run with files', () => {
  const cli = installation();
  const inWork = (...names: string[]): string => join(cli().work, ...names);
  const read = (...names: string[]): string => readFileSync(inWork(...names), 'utf8');
  const LISTS = code`
    import os
    for folder, _, names in os.walk('.'):
        for name in names:
            print(os.path.normpath(os.path.join(folder, name)))
  `;
  const listed = (stdout: string): string[] => stdout.trim().split('\n').sort();

  it('sends those that are named, each at its path from here, and no other', async () => {
    cli().file('sent/deep/in.csv', '1,2');
    cli().file('sent/not.csv', '3');
    const file = cli().file('sent/lists.py', LISTS);
    const args = ['run', '--file', 'sent/deep/in.csv', '--file', './sent/../sent/deep/in.csv', file];
    const { code: exit, stdout, stderr } = await cli().run(args);
    assert.deepEqual([exit, listed(stdout), stderr], [0, ['sent/deep/in.csv', 'sent/lists.py'], '']);
  });

  it('sends one from elsewhere by its name', async () => {
    cli().file('elsewhere/data.csv', '');
    cli().file('here/lists.py', LISTS);
    const { stdout } = await cli().run(['run', '--file', '../elsewhere/data.csv', 'lists.py'], {
      from: 'here',
    });
    assert.deepEqual(listed(stdout), ['data.csv', 'lists.py']);
  });

  it('sends the program once when it is named again, and runs that one', async () => {
    const file = cli().file('once.py', LISTS);
    assert.deepEqual(listed((await cli().run(['run', '--file', file, file])).stdout), ['once.py']);
  });

  const WRITES = code`
    import os
    os.makedirs('made/deep')
    open('made/deep/a.txt', 'w').write('new')
    open('made/run.sh', 'w').write('#!/bin/sh')
    os.chmod('made/run.sh', 0o755)
    open('data.txt', 'w').write('changed')
    os.remove('gone.txt')
  `;

  it('lists what changed, and touches nothing without --out', async () => {
    for (const name of ['data.txt', 'gone.txt']) cli().file(name, 'before');
    const args = ['run', '--file', 'data.txt', '--file', 'gone.txt', cli().file('writes.py', WRITES)];
    const { code: exit, stderr } = await cli().run(args);
    assert.equal(exit, 0);
    assert.deepEqual(stderr.trim().split('\n').sort(), [
      'offload: + made/deep/a.txt (3 bytes)',
      'offload: + made/run.sh (9 bytes)',
      'offload: - gone.txt',
      'offload: ~ data.txt (7 bytes)',
    ]);
    assert.deepEqual(
      [read('data.txt'), read('gone.txt'), existsSync(inWork('made'))],
      ['before', 'before', false],
    );
  });

  it('writes them under --out, over what was there, and deletes nothing', async () => {
    for (const name of ['data.txt', 'gone.txt', 'results/data.txt', 'results/gone.txt'])
      cli().file(name, 'before');
    const sent = ['--file', 'data.txt', '--file', 'gone.txt'];
    const { code: exit } = await cli().run([
      'run',
      ...sent,
      '--out',
      'results',
      cli().file('writes.py', WRITES),
    ]);
    assert.equal(exit, 0);
    assert.equal(read('results', 'made', 'deep', 'a.txt'), 'new');
    assert.equal(read('results', 'data.txt'), 'changed');
    assert.equal(read('results', 'gone.txt'), 'before');
    assert.equal(statSync(inWork('results', 'made', 'run.sh')).mode & 0o111, 0o111);
    assert.equal(read('data.txt'), 'before');
  });

  it('leaves out what an editor or an agent would run by itself, says so, and writes it when told to', async () => {
    const text = code`
      import os
      os.makedirs('.vscode')
      for name in '.vscode/tasks.json', '.envrc', 'plain.txt':
          open(name, 'w').write(name)
    `;
    const file = cli().file('guarded.py', text);
    const { code: exit, stderr } = await cli().run(['run', '--out', 'apart', file]);
    assert.equal(exit, 1);
    for (const name of ['.vscode/tasks.json', '.envrc']) {
      const line = stderr.split('\n').find((each) => each.startsWith(`offload: ${name} was not written: `));
      assert.match(line ?? stderr, /--allow-guarded/);
    }
    assert.deepEqual(readdirSync(inWork('apart')), ['plain.txt']);
    assert.equal((await cli().run(['run', '--out', 'apart', '--allow-guarded', file])).code, 0);
    assert.equal(read('apart', '.vscode', 'tasks.json'), '.vscode/tasks.json');
    assert.equal(read('apart', '.envrc'), '.envrc');
  });

  it("keeps the program's own exit code when it is not 0, though a file was left out", async () => {
    const file = cli().file('three.sh', 'echo > .envrc; exit 3');
    assert.equal((await cli().run(['run', '--out', 'three', file])).code, 3);
  });

  it('shows names with line ends, escapes and quotes on one line, and writes them as they are', async () => {
    const names = ['a\nb', 'c\x1b[31m\x07', 'd"\'e', 'f\u202eg', '  h'];
    const file = cli().file('names.py', `for name in ${JSON.stringify(names)}: open(name, 'w').write('x')`);
    const { code: exit, stderr } = await cli().run(['run', '--out', 'named', file]);
    assert.equal(exit, 0);
    assert.deepEqual(stderr.trim().split('\n').sort(), [
      'offload: + \\u{20} h (1 bytes)',
      'offload: + a\\nb (1 bytes)',
      'offload: + c\\u{1b}[31m\\u{7} (1 bytes)',
      'offload: + d"\'e (1 bytes)',
      'offload: + f\\u{202e}g (1 bytes)',
    ]);
    assert.deepEqual(readdirSync(inWork('named')).sort(), names.sort());
  });

  it('writes nothing through a link in the folder for results', async () => {
    cli().file('outside/keep', 'kept');
    cli().file('linked/there', '');
    symlinkSync('../outside', inWork('linked', 'way'));
    symlinkSync('../outside/keep', inWork('linked', 'link'));
    const text = "import os; os.mkdir('way'); open('way/keep', 'w'); open('link', 'w'); open('plain', 'w')";
    const { code: exit, stderr } = await cli().run(['run', '--out', 'linked', cli().file('links.py', text)]);
    assert.equal(exit, 1);
    assert.match(stderr, /^offload: way\/keep was not written: /m);
    assert.match(stderr, /^offload: link was not written: /m);
    assert.doesNotMatch(stderr, /--allow-guarded/);
    assert.deepEqual([readdirSync(inWork('outside')), read('outside', 'keep')], [['keep'], 'kept']);
    assert(existsSync(inWork('linked', 'plain')));
  });
});
