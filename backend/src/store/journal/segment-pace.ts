/** Segments that a runner can write which cannot ask for more. */
export const CLOSED_SEGMENTS = 256;

/** Those that are left for what is written because much waits, and for the end. */
const RESERVED = 96;

/** Milliseconds that a line waits at most before it is written to the store, and bytes of those that wait. */
const INTERVAL = 1000;
const FULL = 256 * 1024;

/** Bytes that wait at most, while the store is slow; the rest stays in the journal on the disk. */
const MOST = 4 * 1024 * 1024;

/** When lines that wait are written, as a segment. */
export interface SegmentPace {
  /** Milliseconds that a line waits at most; undefined where it waits for more, or for the end. */
  interval(): number | undefined;
  /** Bytes that are written without waiting. */
  full(): number;
  /** Bytes at which no more lines are taken until they are written. */
  most(): number;
}

export const EVERY_SECOND: SegmentPace = {
  interval: () => INTERVAL,
  full: () => FULL,
  most: () => MOST,
};

/**
 * So that a number of segments is enough for a run however long it takes and however much it writes: the first half as
 * those of other runs, the others spread over the time that is left, and some for what is written because {@link MOST}
 * bytes wait. The last one is the end's, with all that waits by then.
 * @param written segments of the run so far
 * @param left milliseconds that the run has
 */
export function sparingPace(written: () => number, left: () => number): SegmentPace {
  const timed = (): number => CLOSED_SEGMENTS - RESERVED - written();
  const isEager = (): boolean => timed() > (CLOSED_SEGMENTS - RESERVED) / 2;
  const isLast = (): boolean => written() >= CLOSED_SEGMENTS - 1;
  return {
    interval: () => {
      if (timed() <= 0) return undefined;
      return isEager() ? INTERVAL : Math.max(INTERVAL, left() / timed());
    },
    full: () => (isEager() ? FULL : isLast() ? Number.POSITIVE_INFINITY : MOST),
    most: () => (isLast() ? Number.POSITIVE_INFINITY : MOST),
  };
}
