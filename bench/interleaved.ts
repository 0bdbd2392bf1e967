import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two measurements, so that what one leaves to be done (flushing, removing) is not in the next. */
const SETTLE = 20;

export interface Rounds {
  /** Rounds that count. */
  counted: number;
  /** Rounds before them that do not. */
  warmUp: number;
}

/** Measures two sides in turn, A B A B, so that what happens to the machine meanwhile happens to both. */
export async function interleaved<A, B>(
  { counted, warmUp }: Rounds,
  ours: () => Promise<A>,
  beside: () => Promise<B>,
): Promise<{ ours: A[]; beside: B[] }> {
  const values: { ours: A[]; beside: B[] } = { ours: [], beside: [] };
  for (let round = -warmUp; round < counted; round++) {
    const a = await ours();
    await sleep(SETTLE);
    const b = await beside();
    await sleep(SETTLE);
    if (round < 0) continue;
    values.ours.push(a);
    values.beside.push(b);
  }
  return values;
}

/** Measures one side alone. */
export async function repeated<A>({ counted, warmUp }: Rounds, measure: () => Promise<A>): Promise<A[]> {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return (await interleaved({ counted, warmUp }, measure, nothing)).ours;
}
