/** What waits for the disk at the same time: a few more than Node has threads for that. */
const WIDTH = 8;

/**
 * Does something for each of many, begun in their order, a few at a time. After a failure none more is begun; it is
 * thrown once those under way have ended.
 */
export async function inParallel<T>(items: Iterable<T>, act: (item: T) => Promise<void>): Promise<void> {
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
  await Promise.all(Array.from({ length: WIDTH }, work));
  if (failure !== undefined) throw failure.error;
}
