/** Lambda's limits, from AWS's documented quotas and the constants of its runtime interface emulator (`interop/model.go`). */

/** Bytes of a synchronous invocation's payload. */
export const requestLimit = 6 * 1024 * 1024;

/** Bytes of a response that is not streamed to the caller. */
export const bufferedResponseLimit = 6 * 1024 * 1024 + 100;

/** Milliseconds that a fresh environment has to ask for its first event, where the function's timeout is shorter. */
export const initLimit = 10_000;
