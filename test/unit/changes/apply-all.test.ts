import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AcceptedChange } from '../../../src/core/changes/apply.ts';
import { applyChanges, type Outcome, undoChanges } from '../../../src/core/changes/apply-all.ts';
import { inOrder } from '../../../src/core/changes/order.ts';
import type { Undo } from '../../../src/core/changes/replace.ts';
import { deleting, LookedAt, sent, tree, Workspace, writing } from './workspace.ts';

const stateOf = (outcome: Outcome): string =>
  outcome.state === 'failed' ? outcome.error.code : outcome.state;
const undosOf = (outcomes: readonly Outcome[]): Undo[] =>
  outcomes.flatMap((outcome) => (outcome.state === 'done' ? outcome.undo : []));

describe('applying several changes', () => {
  const workspace = new Workspace();
  const applyAll = async (changes: AcceptedChange[], signal?: AbortSignal) =>
    applyChanges({ root: workspace.root, changes, signal });

  it('goes on after one that fails, and tells how each went, in the order given', async () => {
    for (const path of ['b', 'gone', 'kept']) workspace.put(path, 'old');
    symlinkSync('../outside', workspace.at('out'));
    const outcomes = await applyAll([
      deleting('gone', sent('old')),
      writing('a', 'new'),
      writing('b', 'new', sent('another')),
      writing('../evil', 'new'),
      writing('out/evil', 'new'),
      writing('package.json', '{}'),
      { ...writing('c', 'new'), content: undefined },
      deleting('kept', sent('another')),
      writing('d/e', 'new'),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => [outcome.path, stateOf(outcome)]),
      [
        ['gone', 'done'],
        ['a', 'done'],
        ['b', 'conflict'],
        ['../evil', 'unsafe-path'],
        ['out/evil', 'unsafe-path'],
        ['package.json', 'unsafe-path'],
        ['c', 'unknown-blob'],
        ['kept', 'conflict'],
        ['d/e', 'done'],
      ],
    );
    const left = { a: 'new', b: 'old', d: 'folder', 'd/e': 'new', kept: 'old', out: '-> ../outside' };
    assert.deepEqual(tree(workspace.root), left);
    assert.deepEqual(tree(workspace.outside), { 'kept.txt': 'kept\n' });
  });

  for (const [what, before, changes, after] of [
    [
      'a file that becomes a folder',
      { a: 'old' },
      [writing('a/b', 'new'), deleting('a', sent('old'))],
      { a: 'folder', 'a/b': 'new' },
    ],
    [
      'a folder that becomes a file',
      { 'a/b/c': 'old', 'a/d': 'old' },
      [writing('a', 'new'), deleting('a/b/c', sent('old')), deleting('a/d', sent('old'))],
      { a: 'new' },
    ],
    [
      'several files made in a folder that takes the place of a file',
      { a: 'old', z: 'old' },
      [writing('a/b/c', '1'), writing('a/b/d', '2'), writing('a/e', '3'), deleting('a', sent('old'))],
      { a: 'folder', 'a/b': 'folder', 'a/b/c': '1', 'a/b/d': '2', 'a/e': '3', z: 'old' },
    ],
    [
      'a file that is renamed',
      { old: 'text' },
      [deleting('old', sent('text')), writing('new', 'text')],
      { new: 'text' },
    ],
    [
      'a name that changes its case',
      { README: 'old' },
      [writing('readme', 'new'), deleting('README', sent('old'))],
      { readme: 'new' },
    ],
  ] as [string, Record<string, string>, AcceptedChange[], Record<string, string>][]) {
    it(`carries out ${what}, and takes it back`, async () => {
      for (const [path, text] of Object.entries(before)) workspace.put(path, text);
      const original = tree(workspace.root);
      const outcomes = await applyAll(changes);
      assert.deepEqual(
        outcomes.map(stateOf),
        changes.map(() => 'done'),
      );
      assert.deepEqual(tree(workspace.root), after);
      const undone = await undoChanges({ root: workspace.root, undos: undosOf(outcomes) });
      assert.deepEqual(
        undone.map(stateOf),
        changes.map(() => 'done'),
      );
      assert.deepEqual(tree(workspace.root), original);
    });
  }

  it('does not make a file where the folder still holds something', async () => {
    workspace.put('a/b', 'old');
    workspace.put('a/mine', 'mine');
    const outcomes = await applyAll([writing('a', 'new'), deleting('a/b', sent('old'))]);
    assert.deepEqual(outcomes.map(stateOf), ['unsafe-path', 'done']);
    assert.deepEqual(tree(workspace.root), { a: 'folder', 'a/mine': 'mine' });
  });

  it('removes no empty folder outside, whatever a path says', async () => {
    mkdirSync(join(workspace.outside, 'empty/below'), { recursive: true });
    symlinkSync('../outside', workspace.at('out'));
    for (const folder of ['../outside/empty', 'out/empty']) {
      const outcomes = await applyAll([writing(folder, 'x'), deleting(`${folder}/below/gone`, undefined)]);
      assert.deepEqual(outcomes.map(stateOf), ['unsafe-path', 'unsafe-path']);
    }
    assert.deepEqual(Object.keys(tree(workspace.outside)), ['empty', 'empty/below', 'kept.txt']);
  });

  it('keeps what is done when it is stopped, and tells what was not begun', async () => {
    const seen = new Set<string>();
    for (let look = 1, reached = true; reached; look += 1) {
      const watched = new LookedAt(look, (controller) => {
        controller.abort();
      });
      const outcomes = await applyAll(
        ['a', 'b', 'c'].map((path) => writing(path, 'new')),
        watched.signal,
      );
      reached = watched.acted;
      const done = outcomes.filter(({ state }) => state === 'done').map(({ path }) => path);
      assert.deepEqual(Object.keys(tree(workspace.root)), done);
      seen.add(outcomes.map(stateOf).join(' '));
      await undoChanges({ root: workspace.root, undos: undosOf(outcomes) });
      assert.deepEqual(tree(workspace.root), {});
    }
    const states = ['skipped skipped skipped', 'done skipped skipped', 'done done skipped', 'done done done'];
    assert.deepEqual([...seen], states);
  });

  it('takes back each for itself: one that the user has edited since stays, the rest goes', async () => {
    const outcomes = await applyAll([writing('d/a', 'new'), writing('d/b', 'new'), writing('e/c', 'new')]);
    workspace.put('d/b', 'mine');
    const undone = await undoChanges({ root: workspace.root, undos: undosOf(outcomes) });
    assert.deepEqual(undone.map(stateOf), ['done', 'conflict', 'done']);
    assert.deepEqual(tree(workspace.root), { d: 'folder', 'd/b': 'mine' });
  });

  it('takes back the folders that were made, also where others wrote to them later', async () => {
    const outcomes = await applyAll(['d/a', 'd/e/b', 'd/e/c', 'f/d'].map((path) => writing(path, 'new')));
    await undoChanges({ root: workspace.root, undos: undosOf(outcomes) });
    assert.deepEqual(tree(workspace.root), {});
  });

  it('needs a root that is there', async () => {
    const applied = applyChanges({ root: join(workspace.base, 'missing'), changes: [writing('a', 'x')] });
    await assert.rejects(applied, { code: 'bad-request' });
  });
});

describe('the order of changes', () => {
  const order = (...paths: string[]): string[] =>
    inOrder(paths.map((path) => ({ path: path.slice(1), deletes: path.startsWith('-') }))).map(
      ({ path, deletes }) => `${deletes ? '-' : '+'}${path}`,
    );

  it('is: deletions that free a name, what is written, all other deletions', () => {
    assert.deepEqual(order('+A/b', '-x', '-a', '-q/r/s', '+q', '+B', '-b', '+y'), [
      '-a',
      '-q/r/s',
      '-b',
      '+A/b',
      '+q',
      '+B',
      '+y',
      '-x',
    ]);
  });

  it('stays as it is among a hundred thousand files', () => {
    const paths = Array.from({ length: 100_000 }, (_, index) => `+f/${String(index % 317)}/${String(index)}`);
    assert.deepEqual(order(...paths), paths);
  });
});
