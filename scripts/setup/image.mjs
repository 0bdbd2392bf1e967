import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { machinePath, output, run } from './command.mjs';
import { containerEngine } from './container-engine.mjs';
import { debianBase } from './debian-base.mjs';
import { orReason } from './or-reason.mjs';
import { SetupError, Unfit, cacheFolder, root, say } from './project.mjs';

/** What is built for tests and can be built again: names in the store. */
const TOOLS = 'localhost/offload-tools:latest';
const IMAGE = 'localhost/offload';

/** podman's own limits may be more than a machine lets even root have. */
const probe = [
  ...['run', '--rm', '--network', 'host', '--memory', '256m', '--entrypoint', '/bin/true'],
  ...['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'],
];

/** This machine makes and runs images, and the backend's is not made: somebody has to mend it, or what it needs. */
class BrokenImage extends SetupError {
  name = 'BrokenImage';
}

/** Where systems keep the certificates that they trust, those of a company's proxy among them: Debian, Red Hat. */
const CERTIFICATES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

/** Lines of the log that are shown when a step fails. */
const SHOWN = 20;

/**
 * Starts to make what of the backend's image does not change with its code: Debian with its packages, Node, the runtime
 * client, the agent. From nothing that takes minutes, beside which other things can be set up; nothing is thrown before
 * the function that it gives is called.
 *
 * That function is called when `dist` is made. It adds the code, and gives the variable that tells the tests of the image,
 * OFFLOAD_TEST_IMAGE, or why there is none, OFFLOAD_TEST_NO_IMAGE; OFFLOAD_TEST_BROKEN_IMAGE too where this machine makes
 * and runs images. The first is JSON:
 * `{"engine": ["/usr/bin/podman", "--root", …], "image": "sha256:…", "runtime": "runc"}`, and for the tests of the image
 * itself `base`, what it was built on, and `elsewhere`, an engine that has to pull it.
 * @param missing the Debian packages that this machine lacks
 */
export function prepareImage(missing) {
  const log = join(cacheFolder(), 'image.log');
  const step = (what, argv) => runStep(what, argv, log);
  const preparing = prepare(missing, log, step);
  preparing.catch(() => undefined);
  return () =>
    orReason('IMAGE', async () => {
      try {
        const { base, engine, bud } = await preparing;
        const image = await buildImage(engine, bud);
        await removeOld(engine, image.tag, base, TOOLS);
        const { podman, runtime, elsewhere } = engine;
        const found = { engine: podman, image: image.id, runtime, base, elsewhere };
        return { OFFLOAD_TEST_IMAGE: JSON.stringify(found) };
      } catch (error) {
        if (!(error instanceof BrokenImage)) throw error;
        const { message } = error;
        const names = ['NO', 'FAILED', 'BROKEN'].map((what) => `OFFLOAD_TEST_${what}_IMAGE`);
        return Object.fromEntries(names.map((name) => [name, message]));
      }
    });
}

async function prepare(missing, log, step) {
  const engine = await containerEngine(missing);
  rmSync(log, { force: true });
  const { podman } = engine;
  if ((await output(podman[0], [...podman.slice(1), 'image', 'exists', TOOLS])) === undefined)
    say('building the image of the backend: some minutes, once for all clones');
  const base = await debianBase(engine, step);
  try {
    await step('a first container', [...podman, '--runtime', engine.runtime, ...probe, base]);
  } catch (error) {
    if (error instanceof SetupError) throw new Unfit(error.message);
    throw error;
  }
  const secrets = await buildSecrets(engine.folder);
  const argv = [...engine.buildah, 'bud', '--layers', '--isolation', 'chroot', '--build-arg', `BASE=${base}`];
  const bud = async (context, ...args) => {
    try {
      await step('buildah bud', [...argv, ...secrets, ...args, context]);
    } catch (error) {
      if (error instanceof SetupError) throw new BrokenImage(error.message);
      throw error;
    }
  };
  const image = join(root, 'backend', 'image');
  const files = readdirSync(image, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [join('image', name), join(image, name)]);
  await inContext(engine.folder, [...files, ['Dockerfile', join(root, 'backend', 'Dockerfile')]], (context) =>
    bud(context, '--target', 'tools', '--tag', TOOLS),
  );
  return { engine, base, bud };
}

/** Adds the code as it is deployed, of the files that `build.json` names alone. Gives the image's `id` and its `tag`. */
async function buildImage(engine, bud) {
  const backend = join(root, 'dist', 'backend');
  const { files } = JSON.parse(readFileSync(join(backend, 'build.json'), 'utf8'));
  const all = [...files, 'build.json'].sort().map((name) => [name, join(backend, name)]);
  const hash = createHash('sha256');
  for (const [name, file] of all) hash.update(`${name}\n`).update(readFileSync(file));
  const tag = `${IMAGE}:${hash.digest('hex').slice(0, 12)}`;
  await inContext(engine.folder, all, (context) => bud(context, '--tag', tag));
  const [program, ...args] = engine.podman;
  const id = await output(program, [...args, 'image', 'inspect', '--format', '{{.Id}}', tag]);
  if (!/^[0-9a-f]{64}$/.test(id ?? '')) throw new SetupError(`podman does not know the image ${tag}`);
  return { id: `sha256:${id}`, tag };
}

/** What was made days ago of other code, and layers that nothing needs. Whoever tests it at the moment has a newer one. */
async function removeOld({ podman: [program, ...args] }, ...current) {
  const days = ['--filter', 'until=48h'];
  const which = ['--filter', `reference=${IMAGE}*`, ...days, '--format', '{{.Repository}}:{{.Tag}}'];
  const listed = (await output(program, [...args, 'images', ...which])) ?? '';
  const old = listed.split('\n').filter((name) => name !== '' && !current.includes(name));
  if (old.length > 0) await output(program, [...args, 'rmi', ...old]);
  await output(program, [...args, 'image', 'prune', '--force', ...days]);
}

/** Calls `use` with a folder that has copies of the files, `[name in it, absolute path]`, and removes it. */
async function inContext(parent, files, use) {
  const context = mkdtempSync(join(parent, 'context-'));
  try {
    for (const [name, file] of files) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      copyFileSync(file, join(context, name));
    }
    return await use(context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** What the build needs to know of this machine: whom it trusts, and where its npm has packages from. */
async function buildSecrets(folder) {
  const secrets = [];
  const env = { ...process.env, PATH: machinePath() };
  const setting = (name) => output('npm', ['config', 'get', name], { cwd: folder, env });
  const named = [process.env.NODE_EXTRA_CA_CERTS, await setting('cafile'), ...CERTIFICATES];
  const ca = named.find((file) => file !== undefined && existsSync(file));
  if (ca !== undefined) secrets.push('--secret', `id=ca,src=${ca}`);
  const registry = await setting('registry');
  if (registry !== undefined) {
    writeFileSync(join(folder, 'npmrc'), `registry=${registry}\n`);
    secrets.push('--secret', `id=npmrc,src=${join(folder, 'npmrc')}`);
  }
  return secrets;
}

async function runStep(what, [program, ...args], log) {
  const env = { ...process.env, PATH: machinePath() };
  if ((await run(program, args, { env, log })) === 0) return;
  const end = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-SHOWN);
  console.error(end.map((line) => `    ${line}`).join('\n'));
  throw new SetupError(`the image could not be made: ${what} failed; see ${log}`);
}
