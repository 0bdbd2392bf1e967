import assert from 'node:assert/strict';
import { sentContent, snapshotOfSent } from '../../../src/editor/review/sent.ts';
import { sha256 } from '../../../src/editor/sha256.ts';
import type { RunRecord } from '../../../src/editor/run/record.ts';
import { sentFiles } from '../../../src/editor/task/sent-files.ts';
import type { ChangeEvent } from '../../../src/protocol/event.ts';

const hash = sha256(Buffer.from('abc'));

describe('the files that changes are measured against', () => {
  it('are the same whether they went along whole or by hash', () => {
    const whole = snapshotOfSent([{ path: 'a', mode: 0o755, content: { text: 'abc' } }]).get('a');
    const byHash = snapshotOfSent([{ path: 'a', mode: 0o755, size: 3, hash }]).get('a');
    for (const entry of [whole, byHash]) {
      assert.deepEqual(
        { hash: entry?.hash, mode: entry?.mode, size: entry?.size },
        { hash, mode: 0o755, size: 3 },
      );
    }
  });

  it('have their content here only where they went along whole', () => {
    const sent = [
      { path: 'a', mode: 0o644, content: { base64: '/wA=' } },
      { path: 'b', mode: 0o644, size: 3, hash },
    ];
    assert.deepEqual(sentContent(sent, 'a'), Buffer.from([0xff, 0]));
    assert.equal(sentContent(sent, 'b'), undefined);
  });

  const change = (path: string): ChangeEvent => ({
    ...{ type: 'change', seq: 1, time: 0, path, operation: 'modify', mode: 0o644, size: 1 },
  });
  const manifest = Buffer.from(
    JSON.stringify({
      format: 1,
      entries: [
        { kind: 'file', path: 'a', mode: 0o644, size: 3, hash },
        { kind: 'link', path: 'l', target: 'a' },
        { kind: 'file', path: 'z', mode: 0o644, size: 3, hash },
      ],
    }),
  );
  const record = { runId: 'r', task: { snapshot: sha256(manifest) }, sent: [] } as unknown as RunRecord;

  it('are looked up in the snapshot of a task, those that it changed', async () => {
    const asked: string[][] = [];
    const sandbox = {
      readBlob: (...args: string[]) => {
        asked.push(args);
        return Promise.resolve(manifest);
      },
    };
    const found = await sentFiles(sandbox as never, record, [change('a'), change('l'), change('new')]);
    assert.deepEqual(found, [{ path: 'a', mode: 0o644, size: 3, hash }]);
    assert.deepEqual(asked, [['r', sha256(manifest)]]);
  });

  it('cannot be told from a snapshot that is broken', async () => {
    const sandbox = { readBlob: () => Promise.resolve(Buffer.from('{"format":2}')) };
    await assert.rejects(sentFiles(sandbox, record, [change('a')]), { code: 'bad-frame' });
  });
});
