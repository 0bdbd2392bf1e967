import { setTimeout as delay } from 'node:timers/promises';
import { parseReply } from '../../protocol/decode.ts';
import { fromWire } from '../../protocol/error.ts';
import { addressReplySchema } from '../../protocol/lambda.ts';
import { errorReplySchema } from '../../protocol/reply.ts';
import type { Request } from '../../protocol/request.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { PutWhole } from '../whole-content.ts';
import { isInterruption, typeOf, unanswered, type Frames } from './answer.ts';
import { partsAt, putAt } from './at-address.ts';
import type { ControlCaller } from './control-caller.ts';

/** Waits, in milliseconds, before a content is brought again. */
const DELAYS = [200, 1000, 4000];

/** Contents on their way to the store and from it, at addresses that control gives. */
export class StoreContents {
  readonly #control: ControlCaller;

  constructor(control: ControlCaller) {
    this.#control = control;
  }

  /** Brings a content straight to the store. An address is good for one try: the content may be there by then. */
  readonly put: PutWhole = async (content, signal) => {
    const { hash, size } = content;
    const message = { kind: 'upload', version: PROTOCOL_VERSION, hash, size };
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const frame of this.#control.ask(message, signal)) {
          const type = typeOf(frame);
          if (type === 'error') throw fromWire(parseReply(errorReplySchema, frame).error);
          if (type === 'address') await putAt(parseReply(addressReplySchema, frame).address, content, signal);
          if (type === 'address' || type === 'done') return;
        }
        throw unanswered();
      } catch (error) {
        signal?.throwIfAborted();
        const wait = DELAYS[attempt];
        if (wait === undefined || !isInterruption(error)) throw error;
        content.onSent?.(0);
        await delay(wait, undefined, { signal });
      }
    }
  };

  /** A content that is at an address of the store is asked for again where that breaks off, and goes on from there. */
  async *blob(request: Extract<Request, { kind: 'blob' }>, signal?: AbortSignal): Frames {
    let taken = 0;
    let isThere = false;
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const frame of this.#control.ask(request, signal)) {
          if (typeOf(frame) !== 'address') {
            yield frame;
            continue;
          }
          isThere = true;
          for await (const part of partsAt(parseReply(addressReplySchema, frame).address, taken, signal)) {
            const bytes = Buffer.byteLength(part.base64, 'base64');
            taken += bytes;
            // It gets on: as many tries again.
            if (bytes > 0) attempt = 0;
            yield part;
          }
        }
        return;
      } catch (error) {
        signal?.throwIfAborted();
        const wait = DELAYS[attempt];
        if (wait === undefined || !isThere || !isInterruption(error)) throw error;
        await delay(wait, undefined, { signal });
      }
    }
  }
}
