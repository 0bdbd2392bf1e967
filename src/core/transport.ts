import type { Request } from '../protocol/request.ts';
import type { PutWhole } from './whole-content.ts';

/** Carries one request to a backend and its frames back. Knows nothing of what either says. */
export interface Transport {
  /**
   * Sends a request and yields the reply's frames as they come. Returning early, or `signal`, closes the connection;
   * neither cancels a run.
   * @throws OffloadError `no-backend` when none can be reached, `interrupted` when the connection breaks, and whatever
   * the backend answers instead of a stream.
   */
  send(request: Request, signal?: AbortSignal): AsyncIterable<object>;
  /** Brings a large content past the requests, where the backend has such a way. */
  readonly putWhole?: PutWhole;
  dispose(): void;
}
