import * as z from 'zod/mini';
import { skip } from '../reporting/skip.ts';

const schema = z.object({
  engine: z.array(z.string()).check(z.minLength(1)),
  image: z.string().check(z.regex(/^sha256:[0-9a-f]{64}$/)),
  runtime: z.string(),
});

/** The backend's image on this machine. */
export interface TestImage {
  /** podman's command line up to its command: its image store and all else of it that is ours. */
  engine: readonly [string, ...string[]];
  /** `sha256:` and the image's id. */
  image: string;
  /** What `--runtime` is to be. */
  runtime: string;
}

/** OFFLOAD_TEST_IMAGE, which the test command sets; else why there is no image (OFFLOAD_TEST_NO_IMAGE). */
export function findImage(): TestImage | { missing: string } {
  const text = process.env['OFFLOAD_TEST_IMAGE'];
  if (text === undefined) {
    const missing = process.env['OFFLOAD_TEST_NO_IMAGE'];
    return { missing: missing ?? 'the image of the backend is not built; npm test builds it' };
  }
  const { engine, image, runtime } = schema.parse(JSON.parse(text));
  const [program = '', ...rest] = engine;
  return { engine: [program, ...rest], image, runtime };
}

/** The image; skips the test or suite, with the reason, where this machine cannot have it. */
export function testImage(context: Mocha.Context): TestImage {
  const found = findImage();
  return 'missing' in found ? skip(context, found.missing) : found;
}
