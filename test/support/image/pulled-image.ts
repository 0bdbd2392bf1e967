import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { podman } from './podman.ts';
import { startRegistry } from './registry.ts';
import type { BuiltImage, TestImage } from './test-image.ts';

/** The image as Lambda has it: from a registry, by the digest that the push gave. */
export interface PulledImage extends TestImage {
  /** `sha256:` and the hash of its manifest. */
  digest: string;
}

let pulled: Promise<PulledImage> | undefined;

/** Pushes the image to a registry, and pulls it by its digest into another store; once, whoever asks for it. */
export function pulledImage(built: BuiltImage): Promise<PulledImage> {
  pulled ??= pushAndPull(built);
  return pulled;
}

async function pushAndPull({ engine, elsewhere, image, runtime }: BuiltImage): Promise<PulledImage> {
  const registry = await startRegistry();
  const folder = mkdtempSync(join(tmpdir(), 'pushed-'));
  try {
    const name = `${registry.address}/offload`;
    const digestFile = join(folder, 'digest');
    const plain = ['--quiet', '--tls-verify=false'];
    const push = [...plain, '--compression-format', 'zstd', '--digestfile', digestFile];
    await podman(engine, 'push', ...push, image, `docker://${name}:pushed`);
    const digest = readFileSync(digestFile, 'utf8').trim();
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    const id = await podman(elsewhere, 'pull', ...plain, `${name}@${digest}`);
    await removeOthers(elsewhere, id);
    return { engine: elsewhere, image: `sha256:${id}`, runtime, digest };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await registry.dispose();
  }
}

/** What was pulled days before: the store is kept, so that layers which it has need not come again. */
async function removeOthers(engine: TestImage['engine'], id: string): Promise<void> {
  const old = await podman(engine, 'images', '--quiet', '--no-trunc', '--filter', 'until=48h');
  for (const each of new Set(old.split('\n').filter((line) => line !== '' && !line.endsWith(id))))
    await podman(engine, 'rmi', '--force', each).catch(() => undefined);
}
