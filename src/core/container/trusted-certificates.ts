import { existsSync } from 'node:fs';

/** Where systems keep the certificates that they trust, those of a company's proxy among them: Debian, Red Hat. */
const OF_SYSTEM = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/**
 * The file of the certificates that downloads of a build are to be trusted by besides its own, as they are here: where a
 * proxy signs TLS anew, no others are any good. Undefined where this machine has no such file.
 */
export const trustedCertificates = (
  env: NodeJS.ProcessEnv = process.env,
  ofSystem: readonly string[] = OF_SYSTEM,
): string | undefined =>
  [env['NODE_EXTRA_CA_CERTS'], ...ofSystem].find(
    (file) => file !== undefined && file !== '' && existsSync(file),
  );
