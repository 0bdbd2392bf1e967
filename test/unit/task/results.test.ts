import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareResults, takeResults } from '../../../src/cli/results.ts';
import type { TaskValues } from '../../../src/cli/task-options.ts';
import { takeSnapshot } from '../../../src/core/workspace/take-snapshot.ts';
import type { TakenSnapshot } from '../../../src/core/workspace/taken-snapshot.ts';
import type { ChangeEvent } from '../../../src/protocol/event.ts';
import { FakeTask, hashOf } from './fake-task.ts';

const runId = `r_${'0'.repeat(32)}`;
const none: TaskValues = {
  execute: false,
  apply: false,
  'apply-guarded': false,
  'allow-guarded': false,
  json: false,
  yes: false,
};

describe('the results of a task', () => {
  let folder: string;
  let root: string;
  let taken: TakenSnapshot;
  let sandbox: FakeTask;
  let said: string;
  const write = process.stderr.write.bind(process.stderr);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'offload-results-'));
    root = join(folder, 'root');
    mkdirSync(join(root, 'sub'), { recursive: true });
    for (const name of ['kept', 'changed', 'gone', 'sub/changed'])
      writeFileSync(join(root, name), `${name}\n`);
    taken = await takeSnapshot({ roots: [{ path: root }] });
    sandbox = new FakeTask();
    said = '';
    process.stderr.write = (text: string) => {
      said += text;
      return true;
    };
  });
  afterEach(() => {
    process.stderr.write = write;
    rmSync(folder, { recursive: true });
  });

  const change = (path: string, content: string | undefined, operation?: 'create'): ChangeEvent => ({
    type: 'change',
    seq: 1,
    time: 0,
    path,
    operation: content === undefined ? 'delete' : (operation ?? 'modify'),
    mode: content === undefined ? 0 : 0o755,
    size: content?.length ?? 0,
    ...(content === undefined ? {} : { hash: sandbox.keep(content) }),
  });
  const CHANGES = (): ChangeEvent[] => [
    change('changed', 'new\n'),
    change('sub/changed', 'new too\n'),
    change('gone', undefined),
    change('made here/new', 'made\n', 'create'),
    change('.vscode/settings.json', '{}\n', 'create'),
  ];
  const take = (values: Partial<TaskValues>): Promise<boolean> =>
    takeResults({ sandbox, runId, changes: CHANGES(), taken }, { ...none, ...values });
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');

  it('are left where they are when nothing is asked', async () => {
    assert.equal(await take({ workspace: root }), true);
    assert.deepEqual([text('changed'), said], ['changed\n', '']);
  });

  it('are applied, but for guarded files, which are named', async () => {
    assert.equal(await take({ workspace: root, apply: true }), false);
    assert.deepEqual(
      [text('changed'), text('sub/changed'), text('made here/new')],
      ['new\n', 'new too\n', 'made\n'],
    );
    assert.deepEqual([existsSync(join(root, 'gone')), existsSync(join(root, '.vscode'))], [false, false]);
    assert.equal(statSync(join(root, 'changed')).mode & 0o111, 0o111);
    assert.match(said, /settings\.json was not applied: .*--apply-guarded/);
    assert.match(said, /applied 4 of 5 to /);
  });

  it('are applied with guarded files when that is asked', async () => {
    assert.equal(await take({ workspace: root, 'apply-guarded': true }), true);
    assert.equal(text('.vscode/settings.json'), '{}\n');
  });

  it('are not applied over what was changed meanwhile', async () => {
    writeFileSync(join(root, 'changed'), 'mine\n');
    assert.equal(await take({ workspace: root, 'apply-guarded': true }), false);
    assert.deepEqual([text('changed'), text('sub/changed')], ['mine\n', 'new too\n']);
    assert.match(said, /changed was not applied: .*has changed in the workspace/);
  });

  it('are applied as far as they can be read', async () => {
    const changes = CHANGES();
    sandbox.contents.delete(hashOf('new\n'));
    const values = { ...none, workspace: root, 'apply-guarded': true };
    assert.equal(await takeResults({ sandbox, runId, changes, taken }, values), false);
    assert.deepEqual([text('changed'), text('sub/changed')], ['changed\n', 'new too\n']);
    assert.match(said, /changed was not applied: no content/);
  });

  it('are a patch that makes of what was sent what they are', async () => {
    const patch = join(folder, 'p.patch');
    await prepareResults({ ...none, patch });
    assert.equal(await take({ workspace: root, patch }), true);
    assert.deepEqual([text('changed'), said.includes('5 of 5 changes')], ['changed\n', true]);
    execFileSync('git', ['apply', patch], { cwd: root, env: { PATH: process.env['PATH'], HOME: folder } });
    assert.deepEqual([text('changed'), text('made here/new')], ['new\n', 'made\n']);
    assert.deepEqual([existsSync(join(root, 'gone')), text('.vscode/settings.json')], [false, '{}\n']);
  });

  it('are a patch against what was sent, also where that is here no more', async () => {
    const patch = join(folder, 'p.patch');
    writeFileSync(join(root, 'changed'), 'mine\n');
    rmSync(join(root, 'gone'));
    sandbox.keep('changed\n');
    assert.equal(await take({ workspace: root, patch }), false);
    assert.match(readFileSync(patch, 'utf8'), /-changed\n\+new\n/);
    assert.match(said, /gone is not in the patch: no content.*\n.*4 of 5 changes/);
  });

  it('have no place yet when the task begins, and what is there stays', async () => {
    const patch = join(root, 'p.patch');
    await prepareResults({ ...none, patch });
    assert.equal(existsSync(patch), false);
    writeFileSync(patch, 'before');
    await prepareResults({ ...none, patch });
    assert.equal(readFileSync(patch, 'utf8'), 'before');
  });

  it('are refused a place before the task begins', async () => {
    await assert.rejects(prepareResults({ ...none, patch: join(folder, 'none', 'p') }), {
      code: 'bad-request',
    });
    await assert.rejects(prepareResults({ ...none, patch: folder }), {
      code: 'bad-request',
      message: /EISDIR/,
    });
    await assert.rejects(prepareResults({ ...none, out: join(root, 'kept') }), { code: 'bad-request' });
    assert.equal(existsSync(join(folder, 'none')), false);
  });
});
