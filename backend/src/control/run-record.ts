import * as z from 'zod/mini';
import { OffloadError } from '../../../src/protocol/error.ts';
import { tenantSchema } from '../../../src/protocol/lambda.ts';
import { runRequestSchema } from '../../../src/protocol/request.ts';
import { taskRequestSchema } from '../../../src/protocol/task.ts';
import type { RunKeys } from '../store/run-keys.ts';
import type { Store } from '../store/store.ts';

/** What is kept of a run's submission. No key for a model is in it, and no credentials. */
const recordSchema = z.object({
  tenant: tenantSchema,
  createdAt: z.number(),
  request: z.discriminatedUnion('kind', [runRequestSchema, taskRequestSchema]),
});
export type RunRecord = z.infer<typeof recordSchema>;

/** Claims a run's id: whoever is first has it. Gives the record that there is now, and whether it is this one. */
export async function claimRun(
  store: Store,
  runId: string,
  keys: Pick<RunKeys, 'request'>,
  record: RunRecord,
): Promise<{ record: RunRecord; isNew: boolean }> {
  const bytes = Buffer.from(JSON.stringify(record));
  const claimed = await store.put(keys.request, bytes, { ifNoneMatch: '*' });
  if (claimed !== undefined) return { record, isNew: true };
  return { record: await readRecord(store, runId, keys), isNew: false };
}

/** @throws OffloadError `unknown-run` */
export async function readRecord(
  store: Pick<Store, 'get'>,
  runId: string,
  keys: Pick<RunKeys, 'request'>,
): Promise<RunRecord> {
  const found = await store.get(keys.request);
  if (found === undefined) {
    throw new OffloadError('unknown-run', `There is no run ${runId}.`, {
      fix: 'It may be too old to be kept: "offload runs" lists those that are there.',
    });
  }
  return recordSchema.parse(JSON.parse(found.bytes.toString()));
}
