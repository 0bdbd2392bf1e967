import type { Wire } from './wire.ts';

/** One AWS service: how it speaks, and what it does. */
export interface Service {
  /** As in the scope of signatures. */
  name: string;
  wire: Wire;
  /** By the name of the operation. Each notes what the caller does, so that policies are enforced. */
  operations: Record<string, (input: never) => object | Promise<object>>;
}
