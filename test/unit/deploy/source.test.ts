import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { readBackendSource, zipOf, type BackendSource } from '../../../src/core/deploy/source.ts';

const TEMPLATE = 'Metadata:\n  OffloadTemplateVersion: 7\n';

describe('the backend as it is sent to be built', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'source-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(files: Record<string, string>, listed = Object.keys(files)): void {
    for (const [name, text] of Object.entries({ 'template.yaml': TEMPLATE, ...files })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const manifest = { build: '1', files: [...new Set(['template.yaml', ...listed])] };
    writeFileSync(join(folder, 'build.json'), JSON.stringify(manifest));
  }

  const read = (): Promise<BackendSource> => readBackendSource(folder);
  const sha = async (source: BackendSource): Promise<string> =>
    createHash('sha256')
      .update(await zipOf(source.files))
      .digest('hex');

  it('is the same bytes for the same contents, whenever and in whatever time zone it is made', async () => {
    write({ 'a.mjs': 'a', 'image/entry.sh': '#!/bin/sh\n' });
    const first = await read();
    const bytes = await sha(first);
    const zone = process.env.TZ;
    utimesSync(join(folder, 'a.mjs'), 1_000_000, 1_000_000);
    process.env.TZ = 'Pacific/Auckland';
    try {
      const second = await read();
      assert.equal(second.hash, first.hash);
      assert.equal(await sha(second), bytes);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
    assert.equal(first.templateVersion, 7);
  });

  it('has another hash when a content, a name or the division into files differs', async () => {
    const hashes: string[] = [];
    for (const files of [
      { 'a.mjs': 'ab' },
      { 'a.mjs': 'ac' },
      { 'b.mjs': 'ab' },
      { 'a.mjs': 'a', 'b.mjs': 'b' },
      { 'a.mjs': '', 'b.mjs': 'ab' },
    ]) {
      rmSync(folder, { recursive: true });
      write(files);
      hashes.push((await read()).hash);
    }
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('holds what the build made, by its name, and nothing that lies beside it', async () => {
    write({ 'a.mjs': 'content of a', 'image/entry.sh': 'x', 'secret.env': 'KEY=1' }, [
      'a.mjs',
      'image/entry.sh',
    ]);
    const zip = await zipOf((await read()).files);
    const file = await promisify<Buffer, { lazyEntries: true }, ZipFile>(fromBuffer)(Buffer.from(zip), {
      lazyEntries: true,
    });
    const names: string[] = [];
    file.on('entry', (entry: Entry) => {
      names.push(entry.fileName);
      // 1980-01-01 00:00, as MS-DOS writes it.
      assert.deepEqual([entry.lastModFileDate, entry.lastModFileTime], [33, 0]);
      file.readEntry();
    });
    const end = new Promise((resolve) => file.once('end', resolve));
    file.readEntry();
    await end;
    assert.deepEqual(names, ['a.mjs', 'build.json', 'image/entry.sh', 'template.yaml']);
  });

  for (const name of ['../outside', '/etc/passwd', 'image/../../x', '.env', 'a//b', '']) {
    it(`is refused where its list names ${JSON.stringify(name)}`, async () => {
      write({}, [name]);
      await assert.rejects(read(), { code: 'no-backend' });
    });
  }

  it('is refused where it is not whole', async () => {
    await assert.rejects(read(), { code: 'no-backend' });
    write({}, ['missing.mjs']);
    await assert.rejects(read(), { code: 'no-backend' });
    write({});
    writeFileSync(join(folder, 'template.yaml'), 'Resources: {}\n');
    await assert.rejects(read(), { code: 'no-backend' });
  });
});
