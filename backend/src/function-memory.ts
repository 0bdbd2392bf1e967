import { LIMITS } from '../../src/protocol/limits.ts';

const MIB = 1024 ** 2;

/** Bytes that the runner needs besides its run: its own program with its buffers, and what overshoots between two looks. */
const RESERVE = 192 * MIB;
/** The part of a small function's memory that it makes do with. */
const RESERVE_PART = 0.5;

/**
 * Bytes of memory that a run can have in a function of so many megabytes: Lambda ends all of a function that needs more,
 * before the run could say why.
 */
export function runMemory(functionMb: number): number {
  const all = functionMb * MIB;
  return Math.max(LIMITS.memoryBytes.min, Math.floor(all - Math.min(RESERVE, all * RESERVE_PART)));
}
