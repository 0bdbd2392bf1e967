/** A file for the scanner. */
export interface ScannedFile {
  /** The name where a rule goes by it, else `file`. */
  readonly name: string;
  /** SHA-256 of the content, in lower-case hexadecimal. */
  readonly hash: string;
  readonly content?: Uint8Array | undefined;
  /** Where the content is read where it is not given. */
  readonly place?: string | undefined;
}

/** Something in a file that looks like a secret. It holds nothing of the secret itself. */
export interface ScanFinding {
  /** Counted from 1. */
  readonly line: number;
  /** What it looks like, for people. */
  readonly what: string;
}

/** What came of a file: `changed` when its content is not what was to be scanned. */
export type ScanResult = readonly ScanFinding[] | 'changed';

/** Raised with whatever changes what is found: the version of the rules, and of what is done with them. */
export const RULES_VERSION = '13.0.7-1';

/** Bytes of the largest file that is scanned: larger ones are data, and no one's notes. */
export const MAX_SCANNED_BYTES = 1024 * 1024;
