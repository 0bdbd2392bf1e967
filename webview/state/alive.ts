/** Milliseconds of silence after which the page says so: backends are heard of every five seconds. */
export const SILENCE = 30_000;

/** Since when a run has not been heard of, if it is so long that a user should know; milliseconds since 1970. */
export const silentSince = (heard: number | undefined, now: number): number | undefined =>
  heard !== undefined && now - heard > SILENCE ? heard : undefined;

/** How long a run goes on, by the backend's clock as far as it is known and the page's own since. */
export function elapsed(
  run: { startedAt: number | undefined; lastAt: number | undefined; end: unknown },
  heardEvent: number | undefined,
  now: number,
): number {
  if (run.startedAt === undefined || run.lastAt === undefined) return 0;
  const known = run.lastAt - run.startedAt;
  return run.end !== undefined || heardEvent === undefined ? known : known + Math.max(0, now - heardEvent);
}
