import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNotice, ownBackendHash } from '../../../src/core/deploy/build-notice.ts';

const TEMPLATE = 'Metadata:\n  OffloadTemplateVersion: 1\n';

describe('the notice that a backend is of another build', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'backend-'));
    writeFileSync(join(folder, 'template.yaml'), TEMPLATE);
    writeFileSync(join(folder, 'build.json'), JSON.stringify({ build: '1', files: ['template.yaml'] }));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const deployed = (backendHash: string) => ({ stack: 'mine', region: 'eu-west-1', backendHash });

  it('is there once what Offload brings is not what was deployed', async () => {
    const own = await ownBackendHash(folder);
    assert.ok(own);
    assert.equal(buildNotice(deployed(own), own), undefined);
    writeFileSync(join(folder, 'template.yaml'), `${TEMPLATE}# other\n`);
    assert.match(
      buildNotice(deployed(own), await ownBackendHash(folder)) ?? '',
      /mine in eu-west-1.*another/,
    );
  });

  it('is not there where there is nothing to compare with', async () => {
    rmSync(join(folder, 'build.json'));
    assert.equal(buildNotice(deployed('a'.repeat(64)), await ownBackendHash(folder)), undefined);
  });
});
