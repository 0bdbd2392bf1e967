import type { FunctionError } from './invocation.ts';

/** How a process ended; both null when it could not be started. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Go's names of signals, which Lambda's messages carry. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
};

/** The error of an invocation that took longer than its function may. */
export function timeoutError(requestId: string, milliseconds: number): FunctionError {
  const seconds = (milliseconds / 1000).toFixed(2);
  return platformError('Sandbox.Timedout', requestId, `Task timed out after ${seconds} seconds`);
}

/** The error of an invocation whose process ended before it had answered. */
export function exitError(requestId: string, { code, signal }: ProcessEnd): FunctionError {
  return platformError('Runtime.ExitError', requestId, describeEnd(code, signal));
}

/** The error of a response whose connection broke while the process lived on. */
export function truncatedError(requestId: string): FunctionError {
  return platformError('Runtime.TruncatedResponse', requestId, 'Response was truncated');
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) return `Runtime exited with error: signal: ${signalNames[signal] ?? signal}`;
  if (code === 0) return 'Runtime exited without providing a reason';
  return code === null ? 'Runtime could not be started' : `Runtime exited with error: exit status ${code}`;
}

function platformError(errorType: string, requestId: string, text: string): FunctionError {
  const errorMessage = `RequestId: ${requestId} Error: ${text}`;
  return { type: errorType, body: JSON.stringify({ errorType, errorMessage }) };
}
