import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CERTIFICATE_VARIABLES } from '../../../src/protocol/certificates.ts';

const CERTIFICATE = /-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----[A-Za-z0-9+/=\s]+-----END \1-----/g;

const fileOf = (variable: string): string => `${variable}.pem`;

/** Puts the certificates that this machine's user trusts besides the system's into a gate's folder; nothing else of the files. */
export function putCertificates(folder: string, env: NodeJS.ProcessEnv): void {
  for (const variable of CERTIFICATE_VARIABLES) {
    const certificates = certificatesIn(env[variable]);
    if (certificates.length > 0)
      writeFileSync(join(folder, fileOf(variable)), `${certificates.join('\n')}\n`, { mode: 0o644 });
  }
}

/** The variables that lead a program to them, as it sees the folder. */
export function certificateVariables(folder: string, seen: string): Record<string, string> {
  const found = CERTIFICATE_VARIABLES.filter((variable) => existsSync(join(folder, fileOf(variable))));
  return Object.fromEntries(found.map((variable) => [variable, `${seen}/${fileOf(variable)}`]));
}

function certificatesIn(path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    return readFileSync(path, 'utf8').match(CERTIFICATE) ?? [];
  } catch {
    // Programs of the host do without it, too.
    return [];
  }
}
