import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const place = runnerPlace(process.env['OFFLOAD_FOLDER'] ?? join(tmpdir(), 'offload'));

export const handler = streamingHandler(async (event, response, context) => {
  const parsed = runnerEventSchema.safeParse(event);
  if (parsed.success) {
    await runGranted(place, parsed.data, response, context);
    return;
  }
  const message = `The runner takes what control grants alone: ${why(parsed.error)}.`;
  const error = new OffloadError('bad-request', message).toWire();
  await written(response, encodeFrame({ type: 'error', error }));
  response.end();
});
