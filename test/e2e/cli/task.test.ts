import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say, text, thinking, turn, use } from '../../support/messages-api/turn.ts';
import { skip } from '../../support/reporting/skip.ts';
import { eventually } from '../../support/target/eventually.ts';
import { KEY, taskCli } from './task-cli.ts';

const write = (path: string, content: string) => use('Write', { file_path: `/workspace/${path}`, content });
const bash = (command: string) => use('Bash', { command, description: 'Does it' });

interface Told {
  seq: number;
  type: string;
  runId?: string;
  verified?: boolean;
  item?: { kind: string };
}

describe('offload task', () => {
  const task = taskCli();

  it('streams what the agent writes, says what it does, and changes nothing by itself', async () => {
    await task.answers([
      turn([thinking('Hm, a file.'), text('I write it.'), write('hello.py', 'print("hello")\n')]),
      say('It is there.'),
    ]);
    task.put('kept.txt', 'kept\n');
    const { code, stdout, stderr } = await task.run(['task', '--workspace', task.root, 'Write hello.py']);
    assert.deepEqual([code, stdout], [0, 'I write it.\nIt is there.\n'], stderr);
    assert.match(stderr, /^offload: sends 1 file \(5 bytes.*\) of .*\/root\d+$/m);
    assert.match(stderr, /^Hm, a file\.$/m);
    assert.match(stderr, /^offload: .*hello\.py/m);
    assert.match(stderr, /^offload: \+ hello\.py \(15 bytes\)$/m);
    assert.match(stderr, /^offload: 2 turns, 240 tokens, (\$\d+\.\d+, )?\d+\.\d s$/m);
    assert.match(stderr, /^offload: To go on: offload reply r_[0-9a-f]{32} /m);
    assert.equal(task.text('hello.py'), undefined);
    assert.match(task.model.bodies.map((body) => JSON.stringify(body.messages)).join(), /Write hello\.py/);
  });

  it('takes the prompt from standard input, and needs no workspace', async () => {
    await task.answers([say('Done.')]);
    const { code, stdout } = await task.run(['task', '-'], 'Do what I say.\nAll of it.\n');
    assert.deepEqual([code, stdout], [0, 'Done.\n']);
    assert.match(JSON.stringify(task.model.bodies[0]?.messages), /Do what I say\.\\nAll of it\./);
  });

  it('writes each event as a line of JSON, the first with its id', async () => {
    await task.answers([write('a', 'text'), say('Done.')]);
    const { code, stdout, stderr } = await task.run(['task', '--json', '--check', 'test -e a', 'Go']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    assert.match(events[0]?.runId ?? '', /^r_[0-9a-f]{32}$/);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, i) => i + 1),
    );
    for (const kind of ['text', 'tool-call', 'tool-result', 'usage']) {
      assert(
        events.some(({ item }) => item?.kind === kind),
        kind,
      );
    }
    const last = events.at(-1);
    assert.deepEqual([code, last?.type, last?.verified, stderr], [0, 'completed', true, '']);
  });

  it('finds the agent on PATH', async () => {
    await task.answers([say('Done.')]);
    const folder = join(task.cli.folder, 'bin');
    mkdirSync(folder, { recursive: true });
    symlinkSync(process.env['OFFLOAD_TEST_CLAUDE'] ?? '', join(folder, 'claude'));
    const path = task.cli.env['PATH'];
    Object.assign(task.cli.env, { PATH: [folder, path].join(delimiter) });
    try {
      assert.equal((await task.cli.run(['task', 'Go'])).stdout, 'Done.\n');
    } finally {
      Object.assign(task.cli.env, { PATH: path });
    }
  });

  it('applies the changes, but for those to be approved one by one', async () => {
    const steps = [
      turn([
        write('changed.txt', 'new\n'),
        write('sub/made.txt', 'made\n'),
        bash('rm gone.txt; chmod +x run.sh'),
      ]),
      write('.vscode/settings.json', '{}\n'),
      say('Done.'),
    ];
    await task.answers(steps);
    for (const path of ['changed.txt', 'gone.txt', 'run.sh', 'kept.txt']) task.put(path, `${path}\n`);
    const first = await task.run(['task', '--workspace', task.root, '--apply', 'Go']);
    assert.equal(first.code, 1, first.stderr);
    assert.match(first.stderr, /settings\.json was not applied: .*--apply-guarded/);
    const names = ['changed.txt', 'sub/made.txt', 'gone.txt', 'kept.txt', '.vscode/settings.json'];
    assert.deepEqual(names.map(task.text), ['new\n', 'made\n', undefined, 'kept.txt\n', undefined]);
    assert.equal(statSync(join(task.root, 'run.sh')).mode & 0o100, 0o100);
  });

  it('applies also those when that is asked', async () => {
    await task.answers([write('.vscode/settings.json', '{}\n'), say('Done.')]);
    const { code } = await task.run(['task', '--workspace', task.root, '--apply-guarded', 'Go']);
    assert.deepEqual([code, task.text('.vscode/settings.json')], [0, '{}\n']);
  });

  it('writes a patch that git applies', async () => {
    await task.answers([
      turn([write('a b.txt', 'one\ntwo'), bash("sed -i s/x/y/ old.txt; printf '\\0' > bin")]),
      say('Done.'),
    ]);
    task.put('old.txt', '1\nx\n3\n');
    const patch = join(task.cli.work, 'p.patch');
    const { code, stderr } = await task.run(['task', '--workspace', task.root, '--patch', patch, 'Go']);
    assert.equal(code, 0, stderr);
    assert.equal(task.text('old.txt'), '1\nx\n3\n');
    execFileSync('git', ['apply', '--whitespace=nowarn', patch], {
      cwd: task.root,
      env: { PATH: process.env['PATH'] },
    });
    assert.deepEqual(['old.txt', 'a b.txt', 'bin'].map(task.text), ['1\ny\n3\n', 'one\ntwo', '\0']);
  });

  it('writes the changed files under a folder', async () => {
    await task.answers([write('sub/made.txt', 'made\n'), say('Done.')]);
    const out = join(task.cli.work, 'out');
    const { code } = await task.run(['task', '--out', out, 'Go']);
    assert.deepEqual([code, readFileSync(join(out, 'sub/made.txt'), 'utf8')], [0, 'made\n']);
  });

  it('is verified by its check, whatever the agent says', async () => {
    await task.answers([write('a', 'good'), say('All is well.')]);
    const good = await task.run(['task', '--check', 'echo looking; grep good a', 'Go']);
    assert.deepEqual([good.code, good.stdout], [0, 'All is well.\n'], good.stderr);
    assert.match(good.stderr, /^looking$[^]*^good$[^]*^offload: verified: .*: exit code 0$/m);
    const bad = await task.run(['task', '--check', 'grep bad a', 'Go']);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /^offload: not verified: grep bad a: exit code 1$/m);
  });

  it('runs what it made, and says how each ended', async () => {
    await task.answers([
      turn([write('ok.py', 'print("from the program")\n'), write('fails.sh', 'echo oh >&2; exit 3\n')]),
      say('Done.'),
    ]);
    const { code, stdout, stderr } = await task.run(['task', '--execute', 'Go']);
    assert.deepEqual([code, stdout], [0, 'Done.\nfrom the program\n'], stderr);
    assert.match(stderr, /^oh$/m);
    assert.match(stderr, /^offload: ran ok\.py: exit code 0$/m);
    assert.match(stderr, /^offload: ran fails\.sh: exit code 3$/m);
  });

  it('keeps what looks like a secret, unless it is named', async () => {
    await task.answers([bash('cat .env plain.txt; true'), say('Done.')]);
    task.put('.env', 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY\n');
    task.put('plain.txt', 'plain\n');
    const results = (): string => JSON.stringify(task.model.bodies.at(-1)?.messages);
    const without = await task.run(['task', '--workspace', task.root, 'Go']);
    assert.match(without.stderr, /^offload: {3}left out: \.env looks like a secret .*--include-secrets/m);
    assert.match(results(), /plain/);
    assert.doesNotMatch(results(), /wJalrXUtnFEMI/);
    const withIt = await task.run(['task', '--workspace', task.root, '--include-secrets', '.env', 'Go']);
    assert.match(withIt.stderr, /^offload: {3}sent all the same: \.env/m);
    assert.match(results(), /wJalrXUtnFEMI/);
  });

  it('tells the agent what stands in .offload/task.md and on the command line, and shows it', async () => {
    await task.answers([say('Done.')]);
    task.put('.offload/task.md', 'Standing word one.\nAnd two.\n');
    const args = ['task', '--workspace', task.root, '--instructions', 'Only today.', 'Go'];
    const { code, stderr } = await task.run(args);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /told what is in \.offload\/task\.md:\noffload: {3}Standing word one\.\noffload: {3}And two\./,
    );
    const [body] = task.model.bodies;
    assert(body);
    assert.match(JSON.stringify(body.messages), /Standing word one\..*Only today\./);
  });

  const question = use('AskUserQuestion', {
    questions: [
      {
        question: 'Which colour?',
        header: 'Colour',
        options: [
          { label: 'Red', description: 'like fire' },
          { label: 'Blue', description: 'like the sea' },
        ],
        multiSelect: false,
      },
    ],
  });
  const told = (): string => JSON.stringify(task.model.bodies.at(-1)?.messages.at(-1));

  it('lets the agent decide where nobody is at a terminal', async () => {
    await task.answers([question, say('Decided.')]);
    for (const args of [[], ['--json']]) {
      const { code, stdout, stderr } = await task.run(['task', ...args, 'Go']);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Decided\./);
      assert.match(
        stderr,
        /asks: Which colour\?\noffload: {3}1 {2}Red: like fire\noffload: {3}2 {2}Blue: like the sea\n/,
      );
      assert.match(told(), /Nobody is here/);
    }
  });

  it('asks the user who is at a terminal', async function () {
    if (spawnSync('script', ['--version']).status !== 0) skip(this, 'script (util-linux) is not installed');
    await task.answers([question, say('Decided.')]);
    const command = [
      process.execPath,
      task.cli.cli,
      'task',
      '--agent-program',
      process.env['OFFLOAD_TEST_CLAUDE'],
      'Go',
    ];
    const terminal = spawn('script', ['-qfec', command.join(' '), '/dev/null'], {
      cwd: task.cli.work,
      env: { ...task.cli.env, SHELL: '/bin/sh', TERM: 'dumb' },
    });
    let screen = '';
    terminal.stdout.on('data', (part: Buffer) => {
      screen += part.toString();
    });
    const ended = once(terminal, 'close');
    await eventually(() => Promise.resolve(screen.includes('Answer with a number')));
    terminal.stdin.write('2\n');
    assert.deepEqual(await ended, [0, null], screen);
    terminal.stdin.destroy();
    assert.match(screen, /Decided\.\r?\n/);
    assert.match(told(), /Blue/);
    assert.doesNotMatch(told(), /Nobody/);
  });

  it('leaves the key in no argument, journal, log or file of its own', async () => {
    await task.answers([bash('env; cat /proc/*/environ | tr "\\0" "\\n"; true'), say('Done.')]);
    const run = task.start(['task', 'Go']);
    const seen: string[] = [];
    const look = setInterval(() => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          seen.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // It has ended meanwhile.
        }
      }
    }, 50);
    const { code, stdout, stderr } = await run.ended;
    clearInterval(look);
    assert.equal(code, 0, stderr);
    assert(seen.some((line) => line.includes('claude')));
    assert(!seen.join().includes(KEY));
    assert(!`${stdout}${stderr}${JSON.stringify(task.model.bodies)}`.includes(KEY));
    const files = ['-rlF', KEY, task.cli.folder, '--exclude-dir=d'];
    const found = spawnSync('grep', files, { encoding: 'utf8' }).stdout;
    assert.equal(found, '');
  });
});
