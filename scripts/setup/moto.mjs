import { createHash } from 'node:crypto';
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from './cached-install.mjs';
import { findProgram, run } from './command.mjs';
import { debianMirror, treeFailure } from './debian-tree.mjs';
import { orReason } from './or-reason.mjs';
import { Unfit, cacheFolder, say } from './project.mjs';
import { ensurePackages, lacking, motoPackages } from './system-packages.mjs';

/** The release of Debian that has moto as of 5.2, which heeds all conditions of writes to S3. */
const RELEASE = 'sid';

/** moto, and what its server needs besides for the services that are asked of it. */
const PACKAGES = [
  ...['python3-moto', 'python3-flask', 'python3-flask-cors', 'python3-docker'],
  ...['python3-openapi-spec-validator', 'python3-yaml', 'python3-joserfc'],
];

/**
 * Starts to install moto, a server that speaks AWS's protocols and is not ours, into a Debian of its own in the cache:
 * some minutes, once for all clones, beside which other things can be set up. The function that it gives waits for it, and
 * gives the variable that tells the tests where it is, OFFLOAD_TEST_MOTO, or why it is not there, OFFLOAD_TEST_NO_MOTO.
 */
export function prepareMoto() {
  const installing = orReason('MOTO', async () => ({ OFFLOAD_TEST_MOTO: join(await install(), 'root') }));
  installing.catch(() => undefined);
  return () => installing;
}

async function install() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/etc/debian_version'))
    throw new Unfit(
      'moto could not be installed: that takes root on Debian; it is also used where moto_server is on PATH',
    );
  const key = createHash('sha256')
    .update(`${RELEASE} ${process.arch} ${PACKAGES.join(' ')}`)
    .digest('hex')
    .slice(0, 16);
  return cachedInstall('moto', key, bootstrap);
}

async function bootstrap(folder) {
  const missing = await ensurePackages(motoPackages);
  if (missing.length > 0)
    throw lacking(`moto could not be installed: it needs Debian's ${missing.join(', ')}`);
  say('installing moto into a Debian of its own: some minutes, once for all clones');
  const log = join(cacheFolder(), 'moto.log');
  rmSync(log, { force: true });
  const mirror = await debianMirror();
  const code = await run(
    findProgram('mmdebstrap'),
    [
      ...['--variant=apt', `--include=${PACKAGES.join(',')}`],
      // A mirror that is a snapshot of some time ago serves too.
      `--aptopt=Acquire::Check-Valid-Until "false"`,
      // What is half made when the power fails is thrown away.
      '--dpkgopt=force-unsafe-io',
      ...[RELEASE, join(folder, 'root'), ...(mirror === undefined ? [] : [mirror])],
    ],
    { log },
  );
  if (code !== 0)
    throw await treeFailure(folder, `moto could not be installed: mmdebstrap failed; see ${log}`);
  // It runs there as a user without rights.
  chmodSync(folder, 0o755);
}
