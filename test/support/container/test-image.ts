import * as z from 'zod/mini';
import { skip } from '../reporting/skip.ts';

const schema = z.object({
  engine: z.array(z.string()).check(z.minLength(1)),
  image: z.string(),
  runtime: z.optional(z.string()),
});

/** The image that the test command has made, and the engine that has it; skips where there is none. */
export function testImage(context: Mocha.Context): { image: string; command: string[] } {
  const said = process.env['OFFLOAD_TEST_IMAGE'];
  if (said === undefined)
    skip(context, process.env['OFFLOAD_TEST_NO_IMAGE'] ?? 'OFFLOAD_TEST_IMAGE is not set');
  const { engine, image, runtime } = schema.parse(JSON.parse(said));
  return { image, command: [...engine, ...(runtime === undefined ? [] : ['--runtime', runtime])] };
}
