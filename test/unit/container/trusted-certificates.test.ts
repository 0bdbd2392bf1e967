import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustedCertificates } from '../../../src/core/container/trusted-certificates.ts';

describe('the certificates that an image is built with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  after(() => rmSync(folder, { recursive: true }));
  const [named, system, none] = ['named', 'system', 'none'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  before(() => {
    for (const file of [named, system]) writeFileSync(file, '');
  });

  it('are those that Node is told of, else those of the system', () => {
    assert.equal(trustedCertificates({ NODE_EXTRA_CA_CERTS: named }, [system]), named);
    assert.equal(trustedCertificates({}, [none, system]), system);
    for (const unfit of ['', none])
      assert.equal(trustedCertificates({ NODE_EXTRA_CA_CERTS: unfit }, [system]), system);
  });

  it('are none where there are none', () => {
    assert.equal(trustedCertificates({}, [none]), undefined);
  });
});
