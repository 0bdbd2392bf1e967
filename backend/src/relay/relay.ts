import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import type { Budget } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';

export interface RelayOptions {
  access: ModelAccess;
  budget: Budget;
  /** Where the unix socket is made; its path must be short enough for one. */
  socket: string;
  /** Told of what the models took, in all, whenever it grows. `turns` is 0: it is the agent's to count. */
  onUsage(usage: ModelUsage): void;
  /** Told, once, why the model does not answer any more: the budget is used up, or the key is not taken. */
  onRefusal(error: OffloadError): void;
  /** Told when the model did not answer and will be asked again. */
  onRetry(retry: { attempt: number; delayMs: number; reason: string }): void;
}

/** The host's end of the one way out of a box: the model's endpoints and nothing else. */
export interface Relay {
  readonly usage: ModelUsage;
  close(): Promise<void>;
}
