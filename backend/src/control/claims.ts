import { OffloadError } from '../../../src/protocol/error.ts';
import type { Grant } from '../../../src/protocol/lambda.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import type { Capabilities } from '../../../src/protocol/reply.ts';
import type { RunRequest } from '../../../src/protocol/request.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { checkCapabilities } from '../../../src/protocol/check-capabilities.ts';
import { requireLanguage } from '../executors/interpreters.ts';
import { runKeys } from '../store/run-keys.ts';
import { addressesFor, closedWants, firstWants, probeAddress } from './addresses.ts';
import { checkTask } from './check-task.ts';
import { checkProbe } from './closed-probe.ts';
import type { ControlServices } from './control-services.ts';
import { keepAccess } from './own-access.ts';
import { claimRun, type RunRecord } from './run-record.ts';
import { issueToken } from './run-token.ts';

/** Milliseconds that a token outlives the longest run, for a client that is slow to hand it on. */
const TOKEN_SPARE = 15 * 60_000;

/** A run's id that somebody has, and what lets a runner begin the run. */
export interface Claim {
  record: RunRecord;
  /** Whether it was claimed just now. */
  isNew: boolean;
  grant: () => Promise<Grant>;
}

/** Takes submissions: checks them, claims their ids, and grants what their runners need. */
export class Claims {
  readonly #services: ControlServices;

  constructor(services: ControlServices) {
    this.#services = services;
  }

  /** @throws OffloadError for a request that cannot be carried out here, of which nothing stays */
  async take(tenant: string, request: RunRequest | TaskRequest): Promise<Claim> {
    const { store, capabilities, closed } = this.#services;
    checkCapabilities(request, capabilities);
    if (closed) {
      checkOutput(request);
      await checkProbe(store);
    }
    const secret = await this.#services.secret();
    if (request.kind === 'run') requireLanguage(request.language);
    else checkTask(request, secret);
    const { runId } = request;
    const keys = runKeys(runId);
    const claim = { tenant, createdAt: Date.now(), request: withoutAccess(request) };
    const access = request.kind === 'task' ? request.access : undefined;
    const claiming = claimRun(store, runId, keys, claim);
    // Signed while the store writes. Nobody has it before the claim holds.
    const granting = this.grant(claim, 1, access);
    granting.catch(() => undefined);
    const { record, isNew } = await claiming;
    const grant = async (): Promise<Grant> => {
      // Before anybody can begin the task, and so leave it.
      if (access !== undefined && canMove(capabilities))
        await keepAccess(store, keys, secret.signing, access);
      return isNew ? granting : this.grant(record, 1, access);
    };
    return { record, isNew, grant };
  }

  /** What the runner of an epoch needs. */
  async grant(
    { tenant, request, createdAt }: RunRecord,
    epoch: number,
    access: TaskRequest['access'],
    continued?: Grant['continued'],
  ): Promise<Grant> {
    const { store, url, capabilities, lease, secret, vpc, closed } = this.#services;
    const { runId } = request;
    const { signing } = await secret();
    const scope = { run: runId, tenant, epoch };
    const expires = Date.now() + (capabilities.maxWallSeconds ?? 0) * 1000 + TOKEN_SPARE;
    return {
      type: 'grant',
      runId,
      tenant,
      epoch,
      claimedAt: createdAt,
      url: await url(),
      token: issueToken(signing, { ...scope, expires, access }),
      ...(vpc ? { vpc } : {}),
      ...(closed ? { closed: { probe: await probeAddress(store, runId) } } : {}),
      leaseSeconds: lease / 1000,
      addresses: await addressesFor(store, scope, closed ? closedWants(scope) : firstWants(scope)),
      ...(continued === undefined ? {} : { continued }),
    };
  }
}

/** A request without what is secret in it. */
function withoutAccess<T extends RunRequest | TaskRequest>(request: T): T {
  const kept = { ...request };
  delete kept.credentials;
  if (kept.kind === 'task') delete kept.access;
  return kept;
}

/** Whether tasks go on in further functions. */
const canMove = ({ maxWallSeconds = 0, maxTaskWallSeconds = 0 }: Capabilities): boolean =>
  maxTaskWallSeconds > maxWallSeconds;

/**
 * The segments that a closed run has are enough for what runs may write by default.
 * @throws OffloadError `not-supported`
 */
function checkOutput({ limits: { outputBytes = 0 } }: RunRequest | TaskRequest): void {
  const { default: most } = LIMITS.outputBytes;
  if (outputBytes <= most) return;
  throw new OffloadError(
    'not-supported',
    `A run that is closed to the network may write ${String(most / 1024 ** 2)} MB on this target.`,
    { fix: 'Have it write into a file.' },
  );
}
