import type { Sandbox } from '../../../src/core/sandbox.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';

/** A sandbox that is there for tests alone. */
export interface Target {
  sandbox: Sandbox;
  capabilities: Capabilities;
  /** Ends it and everything that it started. */
  dispose(): Promise<void>;
}

/** Makes a target; skips the suite, with the reason, where this machine has none. */
export type MakeTarget = (context: Mocha.Context) => Promise<Target>;

/** The target of a suite: made before its first test, ended after its last one. */
export function targetOf<T extends Target>(make: (context: Mocha.Context) => Promise<T>): () => T {
  let target: T | undefined;
  before(async function () {
    target = await make(this);
  });
  after(async () => {
    await target?.dispose();
    target = undefined;
  });
  return () => {
    if (target === undefined) throw new Error('The target is there in tests and hooks only.');
    return target;
  };
}
