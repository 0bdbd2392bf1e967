/** Whether what was thrown says that the user wants no more of it: an outcome, and no error. */
export const isAbort = (thrown: unknown): boolean => thrown instanceof Error && thrown.name === 'AbortError';

/** What is thrown where that is so. */
export const userAbort = (): DOMException => new DOMException('The user wants no more of it.', 'AbortError');
