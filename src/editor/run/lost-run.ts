import { OffloadError } from '../../protocol/error.ts';

/** A run that goes on, or may, and that this window no longer follows: whoever tries again follows it. It is never begun twice. */
export class LostRun extends OffloadError {
  /** Follows it again, to its end. */
  readonly followAgain: () => Promise<void>;

  constructor({ code, message, fix, cause }: OffloadError, followAgain: () => Promise<void>) {
    super(code, message, { fix, cause });
    this.followAgain = followAgain;
  }
}
