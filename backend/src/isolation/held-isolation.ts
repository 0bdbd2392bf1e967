import type { Box, BoxSpec, Isolation } from './box.ts';

/**
 * The same isolation, which starts no box before it may: all that comes before a box can be done meanwhile.
 * @param may rejects where no box may be started at all: then starting one fails with that
 */
export function heldIsolation(isolation: Isolation, may: Promise<unknown>): Isolation {
  return {
    kind: isolation.kind,
    get limits() {
      return isolation.limits;
    },
    network: isolation.network,
    probe: () => isolation.probe(),
    owner: () => isolation.owner(),
    environment: (spec) => isolation.environment(spec),
    places: (spec) => isolation.places(spec),
    workspacePath: (spec, path) => isolation.workspacePath(spec, path),
    async start(spec: BoxSpec): Promise<Box> {
      await may;
      return isolation.start(spec);
    },
  };
}
