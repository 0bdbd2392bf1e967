import type { StoredEntry } from '../../../backend/src/store/store.ts';

/** All of a listing. */
export async function entriesOf(listing: AsyncIterable<StoredEntry>): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for await (const entry of listing) entries.push(entry);
  return entries;
}

export const keysOf = async (listing: AsyncIterable<StoredEntry>): Promise<string[]> =>
  (await entriesOf(listing)).map(({ key }) => key);
