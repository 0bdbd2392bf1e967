/** Digits of a segment's number: more than a run of 15 minutes can need, so that names sort as numbers do. */
const DIGITS = 6;

/** The names of what belongs to one run. */
export const runKeys = (runId: string) => ({
  request: `runs/${runId}/request.json`,
  segment: (epoch: number, index: number) =>
    `runs/${runId}/${String(epoch)}/${String(index).padStart(DIGITS, '0')}`,
  lease: (epoch: number) => `runs/${runId}/${String(epoch)}/lease`,
  inbox: `runs/${runId}/inbox`,
  ledger: `runs/${runId}/ledger`,
  /** What a task goes on from that an epoch's runner could not finish, and how often it was begun in the next epoch. */
  checkpoints: `runs/${runId}/checkpoint/`,
  checkpoint: (epoch: number) => `runs/${runId}/checkpoint/${String(epoch)}`,
  moves: `runs/${runId}/moves/`,
  move: (epoch: number) => `runs/${runId}/moves/${String(epoch)}`,
  /** The way to the model that a task's request brought, sealed. */
  access: `runs/${runId}/moves/access`,
  blob: (hash: string) => `runs/${runId}/blobs/${hash}`,
  /** The contents of all changes, one after the other, and where each is, of a run that could not ask for addresses. */
  contents: `runs/${runId}/contents`,
  contentsIndex: `runs/${runId}/contents-index`,
  /** A request for the model that is too large for control's address, by a name of 64 hex digits. */
  modelRequest: (name: string) => `runs/${runId}/model/${name}`,
  journal: `runs/${runId}/journal`,
});
export type RunKeys = ReturnType<typeof runKeys>;

/** A name that the way of a closed runner to the store must not lead to: nothing is ever there. */
export const probeKey = (runId: string): string => `probe/${runId}`;

/** The name of a workspace's content. */
export const blobKey = (tenant: string, hash: string): string => `blobs/${tenant}/${hash}`;
