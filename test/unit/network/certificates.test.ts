import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateVariables, putCertificates } from '../../../backend/src/network/certificates.ts';

const pem = (what: string, text: string) => `-----BEGIN ${what}-----\n${text}\n-----END ${what}-----`;

describe('the certificates of a gate', () => {
  let folder: string;
  let gate: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'c-'));
    gate = mkdtempSync(join(tmpdir(), 'c-'));
  });
  afterEach(() => {
    for (const each of [folder, gate]) rmSync(each, { recursive: true });
  });

  it('are those that the host trusts besides, without what else is in the file', () => {
    const file = join(folder, 'own.pem');
    const [one, two] = [pem('CERTIFICATE', 'b25l'), pem('TRUSTED CERTIFICATE', 'dHdv')];
    writeFileSync(file, `a note\n${one}\n${pem('PRIVATE KEY', 'c2VjcmV0')}\n${two}\n`);
    putCertificates(gate, { NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file, OTHER: file });
    assert.deepEqual(certificateVariables(gate, '/seen'), {
      NODE_EXTRA_CA_CERTS: '/seen/NODE_EXTRA_CA_CERTS.pem',
      SSL_CERT_FILE: '/seen/SSL_CERT_FILE.pem',
    });
    assert.equal(readFileSync(join(gate, 'SSL_CERT_FILE.pem'), 'utf8'), `${one}\n${two}\n`);
  });

  it('are none where the host has none: no file, no certificate in it', () => {
    writeFileSync(join(folder, 'key'), pem('PRIVATE KEY', 'c2VjcmV0'));
    putCertificates(gate, {
      NODE_EXTRA_CA_CERTS: join(folder, 'none'),
      SSL_CERT_FILE: join(folder, 'key'),
      CURL_CA_BUNDLE: folder,
      PIP_CERT: '',
    });
    assert.deepEqual(readdirSync(gate), []);
    assert.deepEqual(certificateVariables(gate, '/seen'), {});
  });
});
