import type { ModelAccess } from '../../../src/protocol/access.ts';
import type { OffloadError } from '../../../src/protocol/error.ts';
import type { Budget, TaskRequest } from '../../../src/protocol/task.ts';
import type { ModelUsage } from '../../../src/protocol/usage.ts';
import type { RunLedger } from './ledger.ts';

export interface RelayOptions {
  access: ModelAccess;
  budget: Budget;
  /** Where what the models took is written down; in memory where it is not given. */
  ledger?: RunLedger;
  /**
   * Where the unix socket is made; its path must be short enough for one. Any user may connect to it, a box's own
   * among them: the folder keeps others out.
   */
  socket: string;
  /**
   * The run's network; `closed` where it is not given. Unless it is open, a request that would have the model's provider reach an
   * address (search the web, fetch a page or a picture, call a tool server) is refused as any other way out is.
   */
  network?: TaskRequest['network'];
  /** How a request reaches an address of the Messages API that takes no body so large; as it is where it is not given. */
  carry?: CarryBody | undefined;
  /** Told of what the models took, in all, whenever it grows. `turns` is 0: it is the agent's to count. */
  onUsage(usage: ModelUsage): void;
  /**
   * Told why a model does not answer any more: the budget is used up, the key is not taken, there is no such model, or
   * nobody at its address. Once for each code; an agent that has other models to ask may go on all the same.
   */
  onRefusal(error: OffloadError): void;
  /** Told when the model did not answer and will be asked again. `delayMs` is 0 where the model did not name a time. */
  onRetry(retry: { attempt: number; delayMs: number; reason: string }): void;
  /** Told, once each, what the user should know of how the budget is held. */
  onNotice?(notice: string): void;
}

/** What is sent in a body's place, and headers that say so. */
export type CarryBody = (body: Buffer) => Promise<{ headers: Record<string, string>; body: Buffer }>;

/** The host's end of the one way out of a box: the model's endpoints and nothing else. */
export interface Relay {
  readonly usage: ModelUsage;
  /** Cuts what is under way, which still counts, and removes the socket. */
  close(): Promise<void>;
}
