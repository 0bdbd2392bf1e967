import type { Interpreters } from '../executors/interpreters.ts';
import type { Isolation } from '../isolation/box.ts';
import type { Gates } from '../network/gates.ts';
import type { Slots } from './slots.ts';

/** What runs share. */
export interface RunServices {
  isolation: Isolation;
  interpreters: Pick<Interpreters, 'find'>;
  slots: Slots;
  /** A folder that only this user can enter. */
  runtime: string;
  /** Whether the contents of changes travel inside the stream, for targets that keep none. */
  inlineBlobs: boolean;
  /** Brings the content of a change where it stays, for targets that do not keep it here, before the change is told. */
  keepBlob?: (file: string, hash: string) => Promise<void>;
  /** Seconds that a run may take here, whatever it asks for. */
  maxWallSeconds?: number;
  /** Where boxes have no network by themselves: what gives them one. */
  gates?: Gates | undefined;
}
