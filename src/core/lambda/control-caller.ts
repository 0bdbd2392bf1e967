import { OffloadError } from '../../protocol/error.ts';
import { BUSY_DELAYS, calledAgain, isInterruption, isLast, type Frames } from './answer.ts';
import { MAX_PAYLOAD_BYTES, type FunctionCaller } from './function-caller.ts';
import type { DeployedTarget } from './lambda-target.ts';

/** Waits, in milliseconds, before control is asked again. */
const DELAYS = [50, 500];

/** Asks control, for one tenant. What control is asked may be asked twice. */
export class ControlCaller {
  readonly #target: Pick<DeployedTarget, 'controlFunction' | 'tenant'>;
  readonly #caller: FunctionCaller;

  constructor(target: Pick<DeployedTarget, 'controlFunction' | 'tenant'>, caller: FunctionCaller) {
    this.#target = target;
    this.#caller = caller;
  }

  /**
   * The frames of its answer.
   * @throws OffloadError `too-large` for more than an invocation takes, and as {@link FunctionCaller.call}
   */
  async *ask(message: object, signal?: AbortSignal): Frames {
    const { controlFunction: functionName, tenant } = this.#target;
    const payload = Buffer.from(JSON.stringify({ ...message, tenant }));
    checkPayload(payload);
    const call = (): Frames => this.#caller.call({ functionName }, payload, signal, isLast);
    let [refusals, failures] = [0, 0];
    const wait = (error: OffloadError): number => {
      let milliseconds: number | undefined;
      if (error.code === 'busy') milliseconds = BUSY_DELAYS[refusals++];
      else if (isInterruption(error)) milliseconds = DELAYS[failures++];
      if (milliseconds === undefined) throw error;
      return milliseconds;
    };
    yield* calledAgain(call, wait, signal);
  }
}

/** @throws OffloadError `too-large` */
function checkPayload({ length }: Uint8Array): void {
  if (length <= MAX_PAYLOAD_BYTES) return;
  const megabytes = Math.ceil(length / 1024 ** 2);
  throw new OffloadError(
    'too-large',
    `The request takes ${String(megabytes)} MB; AWS Lambda takes 6 MB at once.`,
    { fix: 'Send less, or run on this computer.' },
  );
}
