import type { Interpreters } from '../executors/interpreters.ts';
import type { Isolation } from '../isolation/box.ts';
import type { Gates } from '../network/gates.ts';
import type { KeptContent } from './kept-content.ts';
import type { MostLimits } from './limits-within.ts';
import type { Slots } from './slots.ts';

/** What runs share. */
export interface RunServices {
  isolation: Isolation;
  interpreters: Pick<Interpreters, 'find'>;
  slots: Slots;
  /** A folder that only this user can enter. */
  runtime: string;
  /** Brings the content of a change where it stays, for targets that do not keep it here, before the change is told. */
  keepBlob?: (file: string, hash: string) => Promise<void>;
  /** The same of all of them at once, where they cannot be brought one by one. */
  keepBlobs?: (contents: readonly KeptContent[]) => Promise<void>;
  /** What a run may have here at most, whatever it asks for. */
  most?: MostLimits;
  /** When the run was queued, in milliseconds since 1970, where that is known from elsewhere. */
  queuedAt?: number | undefined;
  /** Where boxes have no network by themselves: what gives them one. */
  gates?: Gates | undefined;
}
