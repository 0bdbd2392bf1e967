/** What waits for the disk at the same time: a few more than Node has threads for that. */
const WIDTH = 8;

/**
 * Does something for each of many, begun in their order, a few at a time. After a failure none more is begun; it is
 * thrown once those under way have ended.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<void>,
  width = WIDTH,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (failure === undefined) {
      const next = left.next();
      if (next.done === true) return;
      try {
        await act(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  if (failure !== undefined) throw failure.error;
}

/**
 * The items in their order, each once `act` is done with it. It is begun for a few of them ahead of the one that is waited
 * for. After a failure, which is thrown when its item's turn comes, those under way are waited for.
 */
export async function* doneAhead<T>(
  items: AsyncIterable<T>,
  act: (item: T) => Promise<void>,
  width = WIDTH,
): AsyncGenerator<T, void, undefined> {
  const begun: { item: T; done: Promise<void> }[] = [];
  try {
    for await (const item of items) {
      const done = act(item);
      // Thrown when its turn comes.
      done.catch(() => undefined);
      begun.push({ item, done });
      if (begun.length < width) continue;
      const first = begun[0];
      if (first === undefined) continue;
      await first.done;
      begun.shift();
      yield first.item;
    }
    for (const each of begun) {
      await each.done;
      yield each.item;
    }
  } finally {
    await Promise.allSettled(begun.map(({ done }) => done));
  }
}
