import type { ModelUsage } from '../../../src/protocol/usage.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { RunLedger } from './ledger.ts';
import type { Troubles } from './troubles.ts';
import type { Upstream } from './upstream.ts';

/** What all calls of a run share. */
export interface RelayedRun {
  readonly upstream: Upstream;
  readonly bedrock: boolean;
  readonly ledger: RunLedger;
  readonly redactor: Redactor;
  readonly troubles: Troubles;
  onUsage(usage: ModelUsage): void;
}
