// After these times what a test does counts as hanging. They judge no speed: a machine may have other work.

/** Milliseconds that a test or a hook may take. */
export const TEST_LIMIT = 300_000;

/** Milliseconds that a test waits for one thing, so that it can say what never came. */
export const WAIT_LIMIT = 120_000;

/** Milliseconds between the ends of two tests: those of a hook after the one, a hook before the other, and the other. */
export const SILENCE_LIMIT = 3 * TEST_LIMIT;
