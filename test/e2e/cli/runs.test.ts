import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvent } from '../../../src/protocol/decode.ts';
import { installation } from '../../support/cli/installation.ts';
import { listedRuns } from '../../support/cli/listed-runs.ts';
import { PATIENT } from '../../support/cli/patient.ts';
import type { Started } from '../../support/cli/started.ts';
import { boxProcesses } from '../../support/target/processes.ts';

describe('offload attach, cancel and runs', () => {
  const cli = installation();
  const list = () => listedRuns(cli());
  const stateOf = async (runId: string) => (await list()).find((run) => run.runId === runId)?.state;
  /** Runs a program to its end and gives the id of the run. */
  const over = async (): Promise<string> => {
    const text = "import sys; print('out'); print('err', file=sys.stderr); open('made', 'w'); sys.exit(3)";
    assert.equal((await cli().run(['run', cli().file('over.py', text)])).code, 3);
    return (await list())[0]?.runId ?? '';
  };
  /** Starts one that goes on and gives its id and its first process. */
  const going = async (): Promise<{ runId: string; first: Started }> => {
    const first = cli().start(['run', cli().file('patient.py', PATIENT)]);
    await first.shown('first\n');
    return { runId: (await list())[0]?.runId ?? '', first };
  };
  /** Cancels it and finds none of its processes left, apart from the clients that are about to hear of it. */
  const cancel = async (runId: string, first: Started, ...followers: Started[]): Promise<void> => {
    assert.deepEqual(await cli().run(['cancel', runId]), {
      code: 0,
      stdout: 'cancelled\n',
      bytes: Buffer.from('cancelled\n'),
      stderr: '',
    });
    const clients = [first, ...followers].map(({ child }) => child.pid);
    const left = await boxProcesses(cli().folder);
    assert.deepEqual(
      left.filter(({ pid }) => !clients.includes(pid)),
      [],
    );
    const { code, stdout, stderr } = await first.ended;
    assert.deepEqual([code, stdout], [130, 'first\n']);
    assert.match(stderr, /^offload: cancelled$/m);
  };

  it('attach shows a run that is over as it was, with its exit code and its files', async () => {
    const { code, stdout, stderr } = await cli().run(['attach', '--out', 'again', await over()]);
    assert.deepEqual([code, stdout, stderr], [3, 'out\n', 'err\noffload: + made (0 bytes)\n']);
    assert(existsSync(join(cli().work, 'again', 'made')));
  });

  it('attach --after leaves out what came before, and no more', async () => {
    const runId = await over();
    const events = async (...args: string[]): Promise<object[]> => {
      const { code, stdout } = await cli().run(['attach', '--json', ...args, runId]);
      assert.equal(code, 3);
      return stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => parseEvent(JSON.parse(line) as object));
    };
    const all = await events();
    assert(all.length > 4);
    assert.deepEqual(await events('--after', '0'), all);
    assert.deepEqual(await events('--after', '3'), all.slice(3));
    assert.deepEqual(await events('--after', String(all.length - 1)), all.slice(-1));
    assert.deepEqual(await events('--after', String(all.length)), []);
    assert.deepEqual(await events('--after', '1000'), []);
  });

  it('attach follows a run that goes on from another process, and Ctrl+C leaves it alone', async () => {
    const { runId, first } = await going();
    const second = cli().start(['attach', runId]);
    const third = cli().start(['attach', runId]);
    await Promise.all([second.shown('first\n'), third.shown('first\n')]);
    second.child.kill('SIGINT');
    assert.equal((await second.ended).code, 130);
    assert.equal(await stateOf(runId), 'running');
    assert.equal(first.child.exitCode, null);
    await cancel(runId, first, third);
    assert.equal((await third.ended).code, 130);
  });

  it('attach whose reader goes away leaves the run alone', async () => {
    const { runId, first } = await going();
    const second = cli().start(['attach', runId], { stdio: ['ignore', 'pipe', 'pipe'] });
    second.child.stdout?.destroy();
    const { code, stderr } = await second.ended;
    assert.deepEqual([code, stderr], [141, '']);
    assert.equal(await stateOf(runId), 'running');
    await cancel(runId, first);
  });

  it('cancel ends a run from another process, and leaves one alone that is over', async () => {
    const { runId, first } = await going();
    await cancel(runId, first);
    assert.equal(await stateOf(runId), 'cancelled');
    const finished = await over();
    assert.equal((await cli().run(['cancel', finished])).stdout, 'completed\n');
    const { stdout } = await cli().run(['cancel', '--json', finished]);
    assert.partialDeepStrictEqual(parseEvent(JSON.parse(stdout) as object), {
      type: 'completed',
      exitCode: 3,
    });
  });

  it('a run outlives the process that started it', async () => {
    const { runId, first } = await going();
    first.child.kill('SIGKILL');
    await first.ended;
    assert.equal(await stateOf(runId), 'running');
    const second = cli().start(['attach', runId]);
    await second.shown('first\n');
    await cancel(runId, second);
  });

  it('runs lists the newest first, one a line, whatever their names', async () => {
    const name = 'a\n\x1b[31m\u202e"\x9b.sh';
    await cli().run(['run', cli().file('good.sh', 'exit 0')]);
    await cli().run(['run', '--timeout', '1', cli().file(name, 'sleep 600')]);
    const runs = (await list()).slice(0, 2);
    assert.deepEqual(
      runs.map(({ state, language, title }) => ({ state, language, title })),
      [
        { state: 'failed', language: 'bash', title: name },
        { state: 'completed', language: 'bash', title: 'good.sh' },
      ],
    );
    const [newest = '', before = ''] = (await cli().run(['runs'])).stdout.split('\n');
    const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
    assert.match(newest, new RegExp(`^${runs[0]?.runId ?? ''}  failed     ${when}  bash        a`));
    assert(newest.endsWith(String.raw`  a\n\u{1b}[31m\u{202e}"\u{9b}.sh`), newest);
    assert.match(before, new RegExp(`^${runs[1]?.runId ?? ''}  completed  ${when}  bash        good\\.sh$`));
  });
});
