import type { CheckEvent, ExecutionEvent, TerminalEvent } from '../../src/protocol/event.ts';

/** How a program ended that a task ran: `exit code 1`, `killed by SIGKILL`, or why it could not be run. */
export function programEndWords({ exitCode, signal, error }: CheckEvent | ExecutionEvent): string {
  if (error !== undefined) return error.message;
  if (signal !== undefined) return `ended by ${signal}`;
  return `exit code ${String(exitCode ?? 0)}`;
}

/** How a run ended, in a word or a few. */
export function endWords(end: TerminalEvent): string {
  switch (end.type) {
    case 'completed':
      if (end.signal !== undefined) return `Ended by ${end.signal}`;
      return end.exitCode === undefined ? 'Completed' : `Exit code ${String(end.exitCode)}`;
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Stopped';
  }
}
