/** The scheme of review copies: what a run made, for the user to edit. */
export const REVIEW_SCHEME = 'offload-review';
/** The scheme of files as they were sent. */
export const SNAPSHOT_SCHEME = 'offload-snapshot';
