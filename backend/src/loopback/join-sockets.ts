import type { Duplex } from 'node:stream';

/** Leads two connections into each other: each end's end is the other's; when one breaks, so does the other. */
export function joinSockets(near: Duplex, far: Duplex): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.pipe(to);
    // Its close follows.
    from.on('error', () => undefined);
    from.on('close', () => {
      // An end was passed on already, after what came before it.
      if (!from.readableEnded) to.destroy();
    });
  }
}
