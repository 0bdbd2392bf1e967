import type { AgentAdapter } from '../agents/agent.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { CarryBody } from '../relay/relay.ts';
import type { RunServices } from '../runs/run-services.ts';
import type { Slots } from '../runs/slots.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { TaskMove } from './task-move.ts';
import type { ModelAccess } from '../../../src/protocol/access.ts';

/** What tasks share. */
export interface TaskServices extends RunServices {
  /** Tasks at once: they wait for their models most of the time. */
  taskSlots: Slots;
  sessions: SessionStore;
  blobs: BlobStore;
  adapters: readonly AgentAdapter[];
  /** A folder that everyone may enter and that only this user writes, for the sockets of relays. */
  models: string;
  /** How models are reached where a request does not say. */
  access?: ModelAccess | undefined;
  /** How large requests reach that; see `RelayOptions`. */
  carry?: CarryBody | undefined;
  /** The programs of agents, by the adapter's id, where a request names none. */
  programs?: Readonly<Record<string, string>> | undefined;
  /** Where a task can go on elsewhere when there is no more time for it. */
  move?: TaskMove | undefined;
  /** Whether boxes have these by themselves, so that the backend cannot look at them. */
  programsInBox?: boolean;
}
