import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The variables by which Offload keeps its sockets and its runs in `folder`, apart from those of the person who
 * tries it: its backend is then one of its own, which can be ended without ending anyone's run.
 */
export function ownPlaces(folder) {
  const places = { XDG_RUNTIME_DIR: join(folder, 'run'), XDG_STATE_HOME: join(folder, 'state') };
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true, mode: 0o700 });
  return places;
}
