import { EventStreamCodec, type MessageHeaders } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';

/** The content type of an answer to InvokeWithResponseStream. */
export const eventStreamType = 'application/vnd.amazon.eventstream';

/** The fields of Lambda's InvokeComplete event; one that is undefined is left out. */
export interface InvokeComplete {
  readonly ErrorCode?: string | undefined;
  readonly ErrorDetails?: string | undefined;
  readonly LogResult?: string | undefined;
}

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** The frame of a piece of the response. */
export function payloadChunk(piece: Uint8Array): Uint8Array {
  return codec.encode({ headers: headers('PayloadChunk', 'application/octet-stream'), body: piece });
}

/** The frame that ends a response. */
export function invokeComplete(fields: InvokeComplete): Uint8Array {
  const body = Buffer.from(JSON.stringify(fields));
  return codec.encode({ headers: headers('InvokeComplete', 'application/json'), body });
}

function headers(event: string, contentType: string): MessageHeaders {
  return {
    ':message-type': { type: 'string', value: 'event' },
    ':event-type': { type: 'string', value: event },
    ':content-type': { type: 'string', value: contentType },
  };
}
