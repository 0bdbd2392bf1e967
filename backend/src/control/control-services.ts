import type { Grant } from '../../../src/protocol/lambda.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';
import type { Store } from '../store/store.ts';
import type { Secret } from './secret.ts';

/** What control works with, which is another in a deployed function than on the user's machine. */
export interface ControlServices {
  store: Store;
  secret: () => Promise<Secret>;
  /** Where the runner reaches control. */
  url: () => Promise<string>;
  /** Has the runner carry a grant out that no client hands to it. */
  invoke: (grant: Grant) => Promise<void>;
  build: string;
  capabilities: Capabilities;
  /** Milliseconds after which a runner that shows no sign of life is given up. */
  lease: number;
  /** Whether the runner is in a VPC. */
  vpc: boolean;
  /** Whether the runner is said to reach the store alone: then it is granted all its addresses beforehand. */
  closed: boolean;
  /** Days after which the store forgets. */
  expireDays: number;
}
