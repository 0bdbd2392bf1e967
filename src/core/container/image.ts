import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { BUILD_IMAGE, type ContainerEngine } from '../../protocol/container.ts';
import { engineTrouble } from '../../protocol/engine-trouble.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { BackendSource } from '../deploy/source.ts';
import { callEngine } from './call-engine.ts';
import { trustedCertificates } from './trusted-certificates.ts';

const REPOSITORY = 'offload-backend';
/** What the image is made with: kept by its name, so that the next version is made in seconds, and can be removed. */
const TOOLS = `${REPOSITORY}-tools`;
/** Hexadecimal digits of the backend's hash that a tag has. */
const HASH_DIGITS = 16;
/** Lines at the end of a build's output that say why it failed. */
export const LAST_LINES = 12;

/** Lines of a build that say which step begins: podman's, and BuildKit's. */
export const BUILD_STEP = /^(?:\[\d+\/\d+\] )?STEP \d+(?:\/\d+)?: ?|^#\d+ \[/;

/** What is said before an image is made. */
export const IMAGE_COST =
  'It takes a few minutes, downloads, and about 1.4 GB of the disk (while it is made, 3 GB more).';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

/**
 * The name of the image of a backend: the same contents have the same name.
 * @throws OffloadError `not-supported` for a processor that it cannot be made for
 */
export function imageName({ hash }: Pick<BackendSource, 'hash'>, processor: string = process.arch): string {
  const architecture = ARCHITECTURES[processor];
  if (architecture === undefined) {
    throw new OffloadError('not-supported', `There is no image for processors of the kind ${processor}.`, {
      fix: 'Use another target.',
    });
  }
  return `${REPOSITORY}:${hash.slice(0, HASH_DIGITS)}-${architecture}`;
}

/** The id of an image, or undefined where the engine has none of that name. */
export async function findImage(engine: ContainerEngine, name: string): Promise<string | undefined> {
  try {
    return await callEngine(engine, ['image', 'inspect', '--format', '{{.Id}}', name]);
  } catch (error) {
    if (error instanceof OffloadError && error.code === 'no-image') return undefined;
    throw error;
  }
}

export interface BuildOptions {
  engine: ContainerEngine;
  source: BackendSource;
  name: string;
  /** A base image other than the Dockerfile's own. */
  base?: string | undefined;
  /** Options of the engine's own, for its build. */
  extra?: readonly string[];
  signal?: AbortSignal | undefined;
  /** Told of each line that the engine writes: text from outside. */
  onLine: (line: string) => void;
}

/**
 * Makes the image out of the bundled backend; gives its id.
 * @throws OffloadError `no-image` where it cannot be made; or the signal's reason, once nothing of the build is left
 */
export async function buildImage(options: BuildOptions): Promise<string> {
  const { engine, source, name, signal } = options;
  const folder = await mkdtemp(join(tmpdir(), 'offload-image-'));
  try {
    for (const [path, content] of source.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    // Podman keeps no cache but images.
    if (engine.kind === 'podman')
      await build(['--layers', '--target', 'tools', '--tag', TOOLS], folder, options);
    await build([...(engine.kind === 'podman' ? ['--layers'] : []), '--tag', name], folder, options);
    signal?.throwIfAborted();
    const id = await findImage(engine, name);
    if (id !== undefined) return id;
    throw new OffloadError('no-image', `${engine.kind} says that the image was made, and does not have it.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(
  how: readonly string[],
  folder: string,
  { engine, base, extra = [], signal, onLine }: BuildOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const certificates = trustedCertificates();
  const [program = '', ...options] = engine.command;
  const args = [
    ...options,
    'build',
    ...how,
    ...(engine.kind === 'docker' ? ['--progress', 'plain'] : []),
    ...(base === undefined ? [] : ['--build-arg', `BASE=${base}`]),
    ...(certificates === undefined ? [] : ['--secret', `id=ca,src=${certificates}`]),
    ...extra,
    folder,
  ];
  const child = spawn(program, args, {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
    // The Dockerfile mounts a secret, which Docker's old builder does not know.
    env: { ...process.env, DOCKER_BUILDKIT: '1' },
    ...(signal === undefined ? {} : { signal }),
  });
  const last: string[] = [];
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  // Whoever stops it waits for its end: it reads the folder until then.
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      onLine(line);
    });
  }
  const code = await ended;
  signal?.throwIfAborted();
  if (code === 0 && failure === undefined) return;
  throw notMade(engine, last.join('\n'), failure ?? new Error(`it ended with ${String(code)}`));
}

/** What usually keeps an image from being made. */
function notMade({ kind }: ContainerEngine, said: string, cause: unknown): OffloadError {
  const why = (message: string, fix: string) =>
    new OffloadError('no-image', `The image could not be made: ${message}`, { fix, cause });
  if (/no space left on device|disk quota exceeded/i.test(said))
    return why('the disk is full.', 'Make room for about 5 GB, then build it again.');
  if (
    /initializing source|pinging container registry|failed to resolve source|short-name|registry-1|pull access/i.test(
      said,
    )
  )
    return why(
      'its base could not be had.',
      'Look at the connection, or name a base of your own, of Debian trixie: "offload image build --base IMAGE".',
    );
  if (
    /temporary failure resolving|could not resolve|unable to fetch|ENOTFOUND|ETIMEDOUT|EAI_AGAIN/i.test(said)
  )
    return why('a download failed.', 'Look at the connection, then build it again: it goes on from there.');
  const trouble = engineTrouble(kind, said, cause);
  return why(trouble.message, trouble.fix ?? 'What the engine said tells why.');
}

export interface KeptImage {
  name: string;
  id: string;
  size: string;
}

/** All images that were made of backends, this and earlier ones, and what they were made with. */
export async function keptImages(engine: ContainerEngine): Promise<KeptImage[]> {
  const format = '{{.Repository}}:{{.Tag}}|{{.ID}}|{{.Size}}';
  const list = await callEngine(engine, ['images', '--no-trunc', '--format', format]);
  return list
    .split('\n')
    .map((line) => line.split('|'))
    .map(([name = '', id = '', size = '']) => ({ name: name.replace(/^localhost\//, ''), id, size }))
    .filter(({ name }) => [REPOSITORY, TOOLS].includes(name.slice(0, name.indexOf(':'))));
}

/** Whether an image is one of a backend; else it is what they were made with. */
export const isOfBackend = ({ name }: KeptImage): boolean => name.startsWith(`${REPOSITORY}:`);

/** What engines say of an image that a container has (Docker 28, podman 4 and 5). */
const IN_USE = /image is in use by|is being used by|is using its referenced image/i;

/**
 * Removes images by their names, with what they were made of.
 * @param onRemoved told of each
 * @throws OffloadError `busy` for one that a run has
 */
export async function removeImages(
  engine: ContainerEngine,
  images: readonly KeptImage[],
  onRemoved?: (image: KeptImage) => void,
): Promise<void> {
  for (const image of images) {
    const { name } = image;
    try {
      await callEngine(engine, ['rmi', name]);
      onRemoved?.(image);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      if (!IN_USE.test(said)) throw cause;
      throw new OffloadError('busy', `The image ${name} is in use: a run goes on with it.`, {
        fix: 'Wait until it has ended, or cancel it (offload runs --target container).',
        cause,
      });
    }
  }
}

/** Said where a run wants an image that was not made. */
export const notBuilt = ({ kind }: ContainerEngine) =>
  new OffloadError(
    'no-image',
    `There is no image for containers on this machine yet (${kind} has none of this version).`,
    {
      fix: `Make it: ${BUILD_IMAGE}. ${IMAGE_COST}`,
    },
  );
