import type { InvokeWithResponseStreamResponseEvent } from '@aws-sdk/client-lambda';
import { OffloadError } from '../../protocol/error.ts';

/**
 * The bytes of a streamed response. One write of the function is not one chunk: they are cut anywhere.
 * @throws OffloadError `interrupted` for a stream that ends without `InvokeComplete`, and what the function ended with
 */
export async function* payloadChunks(
  events: AsyncIterable<InvokeWithResponseStreamResponseEvent>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isComplete = false;
  try {
    for await (const event of events) {
      const payload = event.PayloadChunk?.Payload;
      if (payload !== undefined) yield payload;
      if (event.InvokeComplete === undefined) continue;
      const { ErrorCode, ErrorDetails } = event.InvokeComplete;
      if (ErrorCode !== undefined && ErrorCode !== '') throw functionFailed(ErrorCode, ErrorDetails);
      // Read on: a connection that is left before its answer has ended cannot be used again.
      isComplete = true;
    }
  } catch (error) {
    if (!isComplete) throw error;
  }
  if (isComplete) return;
  throw new OffloadError('interrupted', 'The stream from AWS Lambda broke off.');
}

/** What Lambda says of a function that did not come to its end; see its developer guide, "response streaming". */
function functionFailed(code: string, details = ''): OffloadError {
  if (code === 'Sandbox.Timedout' || code === 'Sandbox.Timeout') {
    return new OffloadError('timeout', 'The function ran into its timeout and was ended.', {
      fix: 'Deploy it with a longer timeout, or run on this computer.',
    });
  }
  return new OffloadError(
    'backend-lost',
    `The function ended while the program ran: ${code}. ${details}`.trim(),
    {
      fix: 'The function may need more memory. Its log tells more.',
    },
  );
}
