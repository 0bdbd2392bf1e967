import { OffloadError, type ErrorCode } from '../../protocol/error.ts';
import type { RunStream, Sandbox } from '../sandbox.ts';
import type { PutWhole } from '../whole-content.ts';

/** After these the sandbox is opened anew: the user may have put right what was wrong. */
const STALE: ReadonlySet<ErrorCode> = new Set(['no-backend', 'no-credentials', 'login-expired']);

/**
 * A sandbox that is opened when it is first used. Opening that fails is tried again with the next use. What was opened is
 * disposed with it.
 */
export function lazySandbox(open: () => Promise<Sandbox>): Sandbox {
  const opened: Promise<Sandbox>[] = [];
  let current: Promise<Sandbox> | undefined;
  /** What is open, as far as that is known by now. */
  let there: Sandbox | undefined;
  let isDisposed = false;
  const use = (): Promise<Sandbox> => {
    if (isDisposed) return Promise.reject(new OffloadError('internal', 'The sandbox is closed.'));
    if (current !== undefined) return current;
    const opening = open();
    current = opening;
    opening.then(
      (sandbox) => {
        if (current === opening) there = sandbox;
      },
      () => {
        if (current === opening) current = undefined;
      },
    );
    opened.push(opening);
    return opening;
  };
  const forgetIfStale = (error: unknown): void => {
    if (error instanceof OffloadError && STALE.has(error.code)) current = there = undefined;
  };
  const once = async <T>(call: (sandbox: Sandbox) => Promise<T>): Promise<T> => {
    try {
      return await call(await use());
    } catch (error) {
      forgetIfStale(error);
      throw error;
    }
  };
  async function* stream(call: (sandbox: Sandbox) => RunStream): RunStream {
    try {
      yield* call(await use());
    } catch (error) {
      forgetIfStale(error);
      throw error;
    }
  }
  return {
    environment: (signal) => once((sandbox) => sandbox.environment(signal)),
    submit: (request, signal) => stream((sandbox) => sandbox.submit(request, signal)),
    attach: (runId, after, signal, onAlive) =>
      stream((sandbox) => sandbox.attach(runId, after, signal, onAlive)),
    cancel: (runId, signal) => once((sandbox) => sandbox.cancel(runId, signal)),
    input: (runId, input, signal) => once((sandbox) => sandbox.input(runId, input, signal)),
    missing: (hashes, signal) => once((sandbox) => sandbox.missing(hashes, signal)),
    put: (parts, signal) => once((sandbox) => sandbox.put(parts, signal)),
    // Known once it is open: whoever sends contents has asked before which of them are missing.
    get putWhole(): PutWhole | undefined {
      if (there?.putWhole === undefined) return undefined;
      return (content, signal) => once(async (sandbox) => sandbox.putWhole?.(content, signal));
    },
    runs: (signal) => once((sandbox) => sandbox.runs(signal)),
    readBlob: (runId, hash, signal) => once((sandbox) => sandbox.readBlob(runId, hash, signal)),
    dispose: () => {
      isDisposed = true;
      // One that could not be opened was told of where it was used.
      for (const each of opened)
        each
          .then((sandbox) => {
            sandbox.dispose();
          })
          .catch(() => undefined);
    },
  };
}
