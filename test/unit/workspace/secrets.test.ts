import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findSecrets, withoutSecrets, type FoundSecret } from '../../../src/core/workspace/find-secrets.ts';
import { prepareSnapshot } from '../../../src/core/workspace/prepare.ts';
import { previewOf } from '../../../src/core/workspace/preview.ts';
import { RULES_VERSION } from '../../../src/core/workspace/scanned-file.ts';
import { secretByName } from '../../../src/core/workspace/secret-names.ts';
import { TestFolder } from '../../support/workspace/test-folder.ts';

const scanner = fileURLToPath(new URL('../../../src/core/workspace/secret-scanner.ts', import.meta.url));

/** Made-up secrets, put together here so that this file holds none. */
const GITHUB = ['ghp', 'a1B2c3'.repeat(6)].join('_');
const SLACK = ['xoxb', '1234567890', '1234567890123', 'AbCdEfGhIjKlMnOpQrStUvWx'].join('-');
const BODY = 'MIIEpAIBAAKCAQEA';
const KEY = [
  '-----BEGIN RSA PRIVATE',
  `KEY-----\n${BODY.repeat(8)}\n-----END RSA PRIVATE`,
  'KEY-----\n',
].join(' ');
const PASSWORD = 'Xk29fPq7LmZt';

describe('secrets in a snapshot', () => {
  const folder = new TestFolder();
  const find = async (cacheFolder?: string): Promise<FoundSecret[]> =>
    findSecrets(await folder.take({ cacheFolder }), { scanner, cacheFolder });

  it('are found in texts, with the line and what they look like, and never shown themselves', async () => {
    folder.put('src/a.ts', `const x = 1;\n\nconst token = '${GITHUB}';\n`);
    folder.put('b.md', `${SLACK}\n${GITHUB}\n`);
    folder.put('key.txt', `a\n${KEY}`);
    folder.put('link.url', `https://deploy:${PASSWORD}@build.company.io/\n`);
    folder.put('clean.ts', 'const password = process.env.PASSWORD;\n');
    const found = await find(folder.cache);
    assert.deepEqual(found, [
      { path: 'b.md', line: 1, what: 'slack token' },
      { path: 'b.md', line: 2, what: 'GitHub Token' },
      { path: 'key.txt', line: 2, what: 'private key' },
      { path: 'link.url', line: 1, what: 'basic auth credential' },
      { path: 'src/a.ts', line: 3, what: 'GitHub Token' },
    ]);
    const kept = readdirSync(folder.cache).map((name) => readFileSync(join(folder.cache, name), 'latin1'));
    for (const secret of [GITHUB, SLACK, BODY, PASSWORD]) {
      assert.ok(!JSON.stringify(found).includes(secret) && !kept.join().includes(secret));
    }
  });

  it('are found by names, and what an example is called is none', () => {
    const secret = [
      '.env',
      'a/.env.local',
      'b/prod.env',
      'id_rsa',
      'x/server.PEM',
      'a.key',
      '.aws/credentials',
    ];
    const none = [
      '.env.example',
      'id_rsa.pub',
      'a/.env.template',
      'environment.ts',
      'key.ts',
      'monkey',
      'config',
    ];
    for (const path of [...secret, '.kube/config', 'x/.docker/config.json', 'service-account-prod.json']) {
      assert.ok(secretByName(path) !== undefined, path);
    }
    for (const path of [...none, 'docker/config.json', 'credentials.ts', 'keystore/a.ts']) {
      assert.equal(secretByName(path), undefined, path);
    }
  });

  it('are not looked for in what is no text, in what is too large, and in links; the preview says so', async () => {
    folder.put('binary', Buffer.from(`a\0b ${GITHUB}`));
    folder.put('large.sql', `${'x'.repeat(1024 * 1024)}\n${GITHUB}\n`);
    folder.put('fits.sql', `${'x'.repeat(1024 * 1024 - GITHUB.length - 2)}\n${GITHUB}\n`);
    folder.put('.gitignore', 'ignored/\n');
    folder.put('ignored/a', GITHUB);
    folder.link('link', 'fits.sql');
    const taken = await folder.take();
    assert.deepEqual(await findSecrets(taken, { scanner }), [
      { path: 'fits.sql', line: 2, what: 'GitHub Token' },
    ]);
    const preview = previewOf(taken);
    assert.deepEqual(preview.notScanned, ['large.sql']);
    assert.deepEqual(preview.ignored, { count: 1, some: ['ignored/'] });
    assert.deepEqual([preview.files, preview.leftOut], [5, []]);
    assert.equal(preview.bytes, 2 * 1024 * 1024 + GITHUB.length + 2 + 9 + 4 + GITHUB.length);
  });

  it('are looked for in what editors hold', async () => {
    folder.put('a', GITHUB);
    folder.put('b', 'clean');
    const unsaved = new Map([
      [folder.at('a'), 'clean now'],
      [folder.at('b'), `x\n${GITHUB}`],
    ]);
    const found = await findSecrets(await folder.take({ unsaved }), { scanner });
    assert.deepEqual(found, [{ path: 'b', line: 2, what: 'GitHub Token' }]);
  });

  it('are remembered by content: only what is new is scanned', async () => {
    folder.put('a', GITHUB);
    folder.put('b', 'clean');
    const first = await find(folder.cache);
    folder.put('c/d', GITHUB);
    folder.put('c/e', 'clean');
    const again = await findSecrets(await folder.take(), {
      scanner: '/no/scanner',
      cacheFolder: folder.cache,
    });
    assert.deepEqual(again, [...first, { ...first[0], path: 'c/d' }]);
    folder.put('new', 'new');
    await assert.rejects(
      findSecrets(await folder.take(), { scanner: '/no/scanner', cacheFolder: folder.cache }),
      /no\/scanner/,
    );
    for (const name of readdirSync(folder.cache)) writeFileSync(join(folder.cache, name), '{"rules":"x"}');
    assert.equal((await find(folder.cache)).length, 2);
  });

  it('are remembered for as long as the rules are the same', () => {
    const rules = fileURLToPath(
      import.meta.resolve('@secretlint/secretlint-rule-preset-recommend/package.json'),
    );
    const { version } = JSON.parse(readFileSync(rules, 'utf8')) as { version: string };
    assert.ok(RULES_VERSION.startsWith(`${version}-`), 'RULES_VERSION is to be raised with the rules');
  });

  it('keep their files out, but for those that are allowed', async () => {
    for (const path of ['a', 'b', 'c/.env']) folder.put(path, GITHUB);
    folder.put('d', 'clean');
    const taken = await folder.take();
    const secrets = await findSecrets(taken, { scanner });
    const less = withoutSecrets(taken, secrets, new Set(['b']));
    assert.deepEqual(
      less.snapshot.entries.map(({ path }) => path),
      ['b', 'd'],
    );
    assert.deepEqual(less.leftOut, [
      { path: 'a', reason: 'secret' },
      { path: 'c/.env', reason: 'secret' },
    ]);
    assert.notEqual(less.hash, taken.hash);
    assert.equal(withoutSecrets(taken, secrets, new Set(['a', 'b', 'c/.env'])).hash, taken.hash);
  });

  it('are not looked for in another content: a file that has changed since is named', async () => {
    folder.put('a', 'clean');
    const taken = await folder.take();
    folder.put('a', GITHUB);
    await assert.rejects(findSecrets(taken, { scanner }), { code: 'conflict', message: /^a has changed/ });
  });

  it('are looked for again where a file changes in between', async () => {
    folder.put('a', 'clean');
    let asked = 0;
    const options = {
      roots: [{ path: folder.root }],
      // What the scan begins with, when the snapshot has been taken.
      get scanner() {
        asked += 1;
        if (asked === 1) folder.put('a', `now ${GITHUB}`);
        return scanner;
      },
    };
    const { taken, secrets } = await prepareSnapshot(options);
    assert.equal(asked, 2);
    assert.deepEqual(secrets, [{ path: 'a', line: 1, what: 'GitHub Token' }]);
    assert.equal(taken.hash, (await folder.take()).hash);
  });

  it('are not looked for any more when the signal says so', async () => {
    for (let index = 0; index < 300; index++)
      folder.put(String(index), `text ${String(index)}\n`.repeat(2000));
    const taken = await folder.take();
    const reason = new Error('enough');
    const controller = new AbortController();
    const finding = findSecrets(taken, { scanner, signal: controller.signal });
    setTimeout(() => {
      controller.abort(reason);
    }, 50);
    await assert.rejects(finding, reason);
  });
});
