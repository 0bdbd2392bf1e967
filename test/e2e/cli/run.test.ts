import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { installation } from '../../support/cli/installation.ts';
import { skip } from '../../support/reporting/skip.ts';
import { code } from '../../support/target/code.ts';

const execute = promisify(execFile);

describe('offload run', () => {
  const cli = installation();
  const ARGUMENTS = code`
    import json, sys
    print(json.dumps(sys.argv[1:], separators=(',', ':')))
  `;

  it('runs a file and writes each of its streams to our own', async () => {
    const file = cli().file('streams.py', "import sys; print('out'); print('err', file=sys.stderr)");
    assert.deepEqual(await cli().run(['run', file]), {
      code: 0,
      stdout: 'out\n',
      bytes: Buffer.from('out\n'),
      stderr: 'err\n',
    });
  });

  it('runs a program from standard input in the language that is named', async () => {
    const programs = {
      python: 'print(6 * 7)',
      javascript: 'console.log(6 * 7)',
      typescript: 'const answer: number = 6 * 7; console.log(answer)',
      bash: 'echo $((6 * 7))',
    };
    for (const [language, input] of Object.entries(programs)) {
      const { code, stdout, stderr } = await cli().run(['run', '--language', language, '-'], { input });
      // Where the Node on PATH is too old for TypeScript, another one runs it, and that is said.
      const said = language === 'typescript' ? stderr.replace(/^offload: Runs on Node v.*\n/, '') : stderr;
      assert.deepEqual({ code, stdout, said }, { code: 0, stdout: '42\n', said: '' }, language);
    }
  });

  it('takes the language that is named over the one of the ending', async () => {
    const file = cli().file('not-python.py', 'echo "$BASH"');
    assert.match((await cli().run(['run', '--language', 'bash', file])).stdout, /bash\n$/);
  });

  it('passes on what follows the file, also what looks like an option', async () => {
    const file = cli().file('arguments.py', ARGUMENTS);
    for (const args of [
      ['--json', '--help', '-h', '-x', '--', '-', 'a b', ''],
      ['--timeout', '0'],
    ]) {
      assert.equal((await cli().run(['run', file, ...args])).stdout, JSON.stringify(args) + '\n');
    }
    const fromInput = cli().run(['run', '--language', 'python', '-', '--out', 'x'], { input: ARGUMENTS });
    assert.equal((await fromInput).stdout, '["--out","x"]\n');
  });

  it('takes a file whose name looks like an option after --', async () => {
    const file = cli().file('--json.py', ARGUMENTS);
    assert.equal((await cli().run(['run', '--', file, '--json'])).stdout, '["--json"]\n');
  });

  it('gives the program a file, or our own standard input, to read', async () => {
    const file = cli().file('reads.py', 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())');
    const input = Buffer.from([0, 255, 10, 13, 10, 195, 40]);
    cli().file('input.bin', input);
    assert.deepEqual((await cli().run(['run', '--stdin', 'input.bin', file])).bytes, input);
    assert.deepEqual((await cli().run(['run', '--stdin', '-', file], { input })).bytes, input);
    assert.equal((await cli().run(['run', file], { input })).stdout, '');
  });

  it('sets variables for the program, and passes on none of ours', async () => {
    const file = cli().file(
      'env.py',
      "import os; print(os.environ.get('A'), os.environ.get('B'), os.environ.get('XDG_STATE_HOME'))",
    );
    const run = await cli().run(['run', '--env', 'A=1=2 3', '--env', 'B=', file]);
    assert.equal(run.stdout, '1=2 3  None\n');
  });

  it('uses the interpreter that is named', async () => {
    await execute('python3', ['-m', 'venv', '--without-pip', join(cli().work, 'own')]);
    const file = cli().file('prefix.py', 'import sys; print(sys.prefix)');
    const { stdout } = await cli().run(['run', '--interpreter', 'own/bin/python', file]);
    assert.equal(stdout, join(cli().work, 'own') + '\n');
  });

  it('ends with the exit code of the program', async () => {
    const file = cli().file('exit.sh', 'exit "$1"');
    for (const exit of [0, 1, 2, 3, 124, 130, 255]) {
      const { code, stderr } = await cli().run(['run', file, String(exit)]);
      assert.deepEqual({ code, stderr }, { code: exit, stderr: '' });
    }
    const killed = cli().file('killed.sh', 'kill -KILL $$');
    assert.equal((await cli().run(['run', killed])).code, 128 + 9);
  });

  it('ends with 124 when the time is up, and keeps what came before', async () => {
    const file = cli().file('slow.py', "import time; open('made', 'w'); print('first'); time.sleep(600)");
    const { code, stdout, stderr } = await cli().run(['run', '--timeout', '1', file]);
    assert.deepEqual({ code, stdout }, { code: 124, stdout: 'first\n' });
    assert.match(stderr, /^offload: .*\b1 s.*\noffload: \+ made \(0 bytes\)\n$/);
  });

  it('ends with 1 and says why when memory runs out', async () => {
    const text = code`
      import time
      with open('/dev/shm/file', 'wb', buffering=0) as file:
          for _ in range(200):
              file.write(bytes(1 << 20))
      time.sleep(600)
    `;
    const { code: exit, stderr } = await cli().run(['run', '--memory', '64', cli().file('eats.py', text)]);
    assert.equal(exit, 1);
    assert.match(stderr, /^offload: .*memory.*\n$/);
  });

  it('ends with 1 and says why when there is too much output', async () => {
    const file = cli().file('talks.py', "while True: print('x' * 1000)");
    const { code, bytes, stderr } = await cli().run(['run', '--output', '1', file]);
    assert.equal(code, 1);
    assert.equal(bytes.length, 1 << 20);
    assert.match(stderr, /^offload: .*output.*\n$/);
  });

  it('works on the oldest Node that it says it works on, and on one backend with others', async function () {
    const node = await olderNode();
    if (node === undefined) skip(this, 'PATH has no Node from 20 to 23');
    const file = cli().file(
      'version.js',
      "require('fs').writeFileSync('made', 'text'); console.log(process.version)",
    );
    const interpreter = process.execPath;
    const run = await cli().run(['run', '--interpreter', interpreter, '--out', 'older', file], { node });
    assert.deepEqual([run.code, run.stdout], [0, process.version + '\n'], run.stderr);
    assert(existsSync(join(cli().work, 'older', 'made')));
    assert.equal((await cli().run(['doctor'], { node })).code, 0);
  });
});

/** A Node on PATH that is as old as `engines` allows. */
async function olderNode(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    const version = await execute(node, ['--version']).catch(() => undefined);
    if (/^v2[0-3]\./.test(version?.stdout ?? '')) return node;
  }
  return undefined;
}
