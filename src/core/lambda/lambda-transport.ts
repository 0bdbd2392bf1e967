import { OffloadError } from '../../protocol/error.ts';
import type { Request } from '../../protocol/request.ts';
import type { Transport } from '../transport.ts';
import { FunctionCaller, MAX_PAYLOAD_BYTES } from './function-caller.ts';
import type { LambdaTarget } from './lambda-target.ts';

/** Reaches a backend that is one Lambda function. */
export class LambdaTransport implements Transport {
  readonly #target: LambdaTarget;
  readonly #caller: FunctionCaller;

  constructor(target: LambdaTarget) {
    this.#target = target;
    this.#caller = new FunctionCaller(target);
  }

  async *send(request: Request, signal?: AbortSignal): AsyncGenerator<object, void, undefined> {
    const payload = Buffer.from(JSON.stringify(request));
    checkPayload(payload);
    yield* this.#caller.call(this.#target, payload, signal);
  }

  dispose(): void {
    this.#caller.dispose();
  }
}

/** @throws OffloadError `too-large` */
export function checkPayload(payload: Uint8Array): void {
  if (payload.length <= MAX_PAYLOAD_BYTES) return;
  const size = `${String(Math.ceil(payload.length / 1024 ** 2))} MB`;
  throw new OffloadError('too-large', `The request takes ${size}; AWS Lambda takes 6 MB at once.`, {
    fix: 'Send less, or run on this computer.',
  });
}
