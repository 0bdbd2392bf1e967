/** A content that is sent as a whole, past the requests: a target with a store of its own may take it there. */
export interface WholeContent {
  readonly hash: string;
  readonly size: number;
  /**
   * Its bytes from the beginning, which are read as they are sent; again where it has to be sent again.
   * @throws OffloadError `conflict` where they are not what the hash says, before the last of them
   */
  pieces(): Iterable<Uint8Array>;
  /** Is told how many bytes of it have been sent; fewer than before where it is sent again. */
  onSent?(bytes: number): void;
}

/** Brings a content, unless it is there. @throws OffloadError; the signal's reason */
export type PutWhole = (content: WholeContent, signal?: AbortSignal) => Promise<void>;
