import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClients } from '../aws/clients.ts';

/** How often AWS is asked how something goes: soon at first, then less and less often. Milliseconds. */
export interface Pace {
  first: number;
  most: number;
  /** How long no answer is borne of what goes on without us; two minutes where absent. */
  patience?: number;
}
export const DEFAULT_PACE: Pace = { first: 250, most: 5000 };

/** What the steps of a deploy share. */
export interface Work {
  aws: AwsClients;
  /** Twelve digits. */
  account: string;
  stack: string;
  pace: Pace;
  signal: AbortSignal;
}

/** The options of a call that ends with the work. */
export const until = ({ signal }: Pick<Work, 'signal'>): { abortSignal: AbortSignal } => ({
  abortSignal: signal,
});

/** Waits before asking again; each time longer. @throws the signal's reason */
export function pauses({ pace, signal }: Pick<Work, 'pace' | 'signal'>): () => Promise<void> {
  let next = pace.first;
  return async () => {
    signal.throwIfAborted();
    await sleep(next, undefined, { signal }).catch(() => signal.throwIfAborted());
    next = Math.min(pace.most, next * 1.5);
  };
}
