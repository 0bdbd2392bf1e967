import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { why } from '../../../src/protocol/decode.ts';
import { OffloadError } from '../../../src/protocol/error.ts';
import { encodeFrame } from '../../../src/protocol/frame.ts';
import { runnerEventSchema } from '../../../src/protocol/lambda.ts';
import { streamingHandler, written } from '../function-handler.ts';
import { runnerPlace } from './run-app.ts';
import { runGranted } from './run-granted.ts';

// What boxes are made of is read by users of their own, whoever started the handler.
process.umask(0o022);
// The same in every environment: an agent knows its conversations by where it had them.
const place = runnerPlace(process.env['OFFLOAD_FOLDER'] ?? join(tmpdir(), 'offload'), {
  alone: process.env['OFFLOAD_ALONE'] !== undefined,
  memoryMb: Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? Infinity),
});

export const handler = streamingHandler(async (event, response, context) => {
  const parsed = runnerEventSchema.safeParse(event);
  if (parsed.success) {
    await runGranted(place, parsed.data, response, context);
    if (place.isolation.spoilt) await giveUp(response);
    return;
  }
  const message = `The runner takes what control grants alone: ${why(parsed.error)}.`;
  const error = new OffloadError('bad-request', message).toWire();
  await written(response, encodeFrame({ type: 'error', error }));
  response.end();
});

/** Ends this process once its answer is out: Lambda then makes the next environment anew. */
async function giveUp(response: Writable): Promise<void> {
  console.error('The environment is given up: processes of a run could not be ended.');
  if (!response.writableFinished && !response.destroyed)
    await new Promise((resolve) => response.once('finish', resolve).once('close', resolve));
  process.exit(1);
}
