import assert from 'node:assert/strict';
import type { WireError } from '../../../src/protocol/error.ts';
import type { TerminalEvent } from '../../../src/protocol/event.ts';

/** Asserts that a task has completed. */
export function completed(end: TerminalEvent): void {
  assert.equal(end.type, 'completed', JSON.stringify(end));
}

/** Asserts that a task has failed with an error of that code, which it gives. */
export function failedWith(end: TerminalEvent, code: string): WireError {
  assert(end.type === 'failed' && end.error.code === code, `not ${code}: ${JSON.stringify(end)}`);
  return end.error;
}
