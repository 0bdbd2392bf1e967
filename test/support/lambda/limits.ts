import type { ThrottleOptions } from './types.ts';

/**
 * Lambda's limits besides those that the product keeps too. Sources: AWS's documented quotas (200 MB) and the constants of
 * aws/aws-lambda-runtime-interface-emulator (`interop/model.go`: burst and rate).
 */

/** Bytes of a streamed response. */
export const streamLimit = 200 * 1024 * 1024;

/** The speed of a streamed response. */
export const awsThrottle: ThrottleOptions = { burstBytes: 6 * 1024 * 1024, bytesPerSecond: 2 * 1024 * 1024 };

/** Milliseconds between a request's signature and its arrival, either way. */
export const clockSkewLimit = 5 * 60_000;

/** Bytes at the end of the log that `LogType: Tail` gives. */
export const logTailLimit = 4096;
