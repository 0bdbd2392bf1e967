/** Under which name the target of a workspace is remembered. Absent where that is this computer. */
export const CHOSEN_TARGET = 'offload.target';
