/** One invocation, as the function gets it. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: Buffer;
  readonly functionArn: string;
  /** JSON text of the client context, if the caller sent one. */
  readonly clientContext?: string;
  /** Whose invocation it is, of a function whose environments are kept apart by that. */
  readonly tenant?: string;
}

/** An error as a runtime reports it: `body` is JSON text with `errorType`, `errorMessage` and maybe `trace`. */
export interface FunctionError {
  readonly type: string;
  readonly body: string;
}

/** How an invocation ended. */
export type Outcome =
  | { readonly kind: 'complete' }
  /** Reported by the runtime, before or after its first byte. */
  | { readonly kind: 'error'; readonly error: FunctionError }
  /** Ended by Lambda: the time was over, or the process gone. `midStream`: after the response had begun. */
  | { readonly kind: 'broken'; readonly error: FunctionError; readonly midStream: boolean };

/** Where a response goes as it is written. */
export interface ResponseSink {
  /**
   * Takes a piece and resolves when it wants the next: true, or false when the limit is passed and whatever
   * comes now is thrown away. Never rejects; a reader that has left is no reason to stop.
   */
  write(piece: Uint8Array): Promise<boolean>;
}
