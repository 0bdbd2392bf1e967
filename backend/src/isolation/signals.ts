import { constants } from 'node:os';

/** What a shell adds to a signal's number to make an exit code of it. */
const SIGNAL_EXIT = 128;

/** The exit code that stands for a death by a signal, as in a shell. */
export const signalExitCode = (signal: NodeJS.Signals | null): number =>
  SIGNAL_EXIT + (signal === null ? 0 : constants.signals[signal]);

/** The signal that an exit code stands for, if any. */
export const signalOfExitCode = (exitCode: number): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => number === exitCode - SIGNAL_EXIT)?.[0];
