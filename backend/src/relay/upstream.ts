import type { Readable } from 'node:stream';
import type { RequestBody } from './request-body.ts';

/** A request of the box that may go out. */
export interface ModelCall {
  endpoint: 'messages' | 'count_tokens';
  /** With its question mark, or empty. */
  query: string;
  /** Only what may pass. */
  headers: Readonly<Record<string, string>>;
  body: RequestBody;
}

/** An answer in the Messages API's shape, streamed or not. */
export interface UpstreamAnswer {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: Readable;
}

/** Where models answer. */
export interface Upstream {
  /** The host's name, for people. */
  readonly host: string;
  /**
   * Resolves when the answer begins; an error of the service's is an answer. Aborting ends it, later too. Rejects with
   * what the connection failed with, or with an OffloadError.
   */
  send(call: ModelCall, signal: AbortSignal): Promise<UpstreamAnswer>;
  close(): void;
}
