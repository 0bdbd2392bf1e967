import type { Sandbox } from '../../core/sandbox.ts';
import type { RecordStore } from '../run/record-store.ts';
import type { Runs } from '../run/runs.ts';
import type { Targets } from './targets.ts';

export interface RunPlaces {
  targets: Targets;
  runs: Runs;
  records: RecordStore;
}

/** The sandbox that a run is in: by its record, and where that has gone by what is remembered of its place. */
export async function sandboxOfRun({ targets, runs, records }: RunPlaces, runId: string): Promise<Sandbox> {
  const record = runs.get(runId)?.record ?? (await records.read(runId));
  return targets.sandboxOf(record ?? targets.remembered(runId));
}
