/** A number of bytes, for people. */
export const sizeName = (bytes: number): string =>
  bytes < 1024 ** 2
    ? `${String(Math.round(bytes / 1024))} kB`
    : `${String(Math.round(bytes / 1024 ** 2))} MB`;
