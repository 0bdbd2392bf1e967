import { constants } from 'node:fs';

// Windows has none of these, whatever the types say.
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** A folder itself: fails on a link. */
export const OPEN_FOLDER = constants.O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/** A file itself, for reading: fails on a link, does not wait for the other end of a FIFO. */
export const OPEN_FILE = constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** A file that is not there yet, for writing. */
export const OPEN_NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW;
