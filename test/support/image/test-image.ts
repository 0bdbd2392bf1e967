import * as z from 'zod/mini';
import { skip } from '../reporting/skip.ts';

const engineSchema = z.tuple([z.string()], z.string());

const schema = z.object({
  engine: engineSchema,
  image: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  runtime: z.string(),
  base: z.string(),
  elsewhere: engineSchema,
});

/** podman's command line up to its command: its image store and all else of it that is ours. */
export type Engine = readonly [string, ...string[]];

/** The backend's image on this machine. */
export interface TestImage {
  engine: Engine;
  /** `sha256:` and the image's id. */
  image: string;
  /** What `--runtime` is to be. */
  runtime: string;
}

/** The image as it was built on this machine. */
export interface BuiltImage extends TestImage {
  /** What it was built on, by its name in the engine's store. */
  base: string;
  /** An engine whose store has what it pulled alone. */
  elsewhere: Engine;
}

/** OFFLOAD_TEST_IMAGE, which the test command sets; else why there is no image (OFFLOAD_TEST_NO_IMAGE). */
export function findImage(): BuiltImage | { missing: string } {
  const text = process.env['OFFLOAD_TEST_IMAGE'];
  if (text === undefined) {
    const missing = process.env['OFFLOAD_TEST_NO_IMAGE'];
    return { missing: missing ?? 'the image of the backend is not built; npm test builds it' };
  }
  return schema.parse(JSON.parse(text));
}

/** The image; skips the test or suite, with the reason, where this machine cannot have it. */
export function testImage(context: Mocha.Context): BuiltImage {
  const found = findImage();
  return 'missing' in found ? skip(context, found.missing) : found;
}
