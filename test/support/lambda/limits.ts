import type { ThrottleOptions } from './types.ts';

/**
 * Lambda's limits. Sources: AWS's documented quotas (6 MB, 200 MB, 10 s) and the constants of
 * aws/aws-lambda-runtime-interface-emulator (`interop/model.go`: payload size, burst and rate).
 */

/** Bytes of a synchronous invocation's payload. */
export const requestLimit = 6 * 1024 * 1024;

/** Bytes of a response that is not streamed to the caller. */
export const bufferedResponseLimit = 6 * 1024 * 1024 + 100;

/** Bytes of a streamed response. */
export const streamLimit = 200 * 1024 * 1024;

/** The speed of a streamed response. */
export const awsThrottle: ThrottleOptions = { burstBytes: 6 * 1024 * 1024, bytesPerSecond: 2 * 1024 * 1024 };

/** Milliseconds that a fresh environment has to ask for its first event, where the function's timeout is shorter. */
export const initLimit = 10_000;

/** Milliseconds between a request's signature and its arrival, either way. */
export const clockSkewLimit = 5 * 60_000;

/** Bytes at the end of the log that `LogType: Tail` gives. */
export const logTailLimit = 4096;
