import { homedir } from 'node:os';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { AwsClients } from '../../core/aws/clients.ts';
import { enginesThatAnswer } from '../../core/container/engine.ts';
import { readDeployments, type Deployment } from '../../core/deploy/deployment.ts';
import { localFolders } from '../../core/local/folders.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { hourlyCost } from '../../core/targets/cost.ts';
import { lazySandbox } from '../../core/targets/lazy-sandbox.ts';
import { deploymentAt, isOffered, openTarget } from '../../core/targets/open-target.ts';
import {
  isAway,
  LOCAL,
  targetById,
  targetId,
  targetLabel,
  targetOf,
  type DeployedTo,
  type Target,
} from '../../core/targets/target.ts';
import { tenantOf } from '../../core/targets/tenant.ts';
import type { Capabilities } from '../../protocol/reply.ts';
import { mfaCodeOrNone } from '../ask-mfa-code.ts';
import type { Dialogs } from '../dialogs.ts';
import { CHOSEN_TARGET } from './chosen-target.ts';
import type { Waiting } from '../task/waiting.ts';
import { placedSchema, type Placed } from './placed.ts';

export interface TargetsOptions {
  /** The folder of the bundled backend. */
  backendFolder: string;
  /** What is remembered of the workspace. Never a setting: a repository does not choose where its files go. */
  memory: vscode.Memento;
  dialogs: () => Dialogs;
  log: vscode.LogOutputChannel;
}

/** A target that can be chosen. */
export interface OfferedTarget {
  target: Target;
  label: string;
  deployment?: Deployment;
}

/** Where a run that begins now goes, and what it can have there. */
export interface Place {
  target: Target;
  label: string;
  sandbox: Sandbox;
  /** Undefined of this computer, where runs can have whatever there is. */
  can: Capabilities | undefined;
  /** What the run's record notes of it. */
  placed: Placed;
}

/** Milliseconds that engines are not looked for again: asking starts their programs. */
const ENGINE_KNOWN_MS = 60_000;
const PLACES = 'offload.places';
/** Runs elsewhere whose place is remembered besides their records, which go before their output does. */
const KEPT_PLACES = 200;
const placesSchema = z.array(z.object({ runId: z.string(), placed: placedSchema }));

/**
 * Where runs go, and the sandboxes there: each opened when it is first used, kept for the window, disposed with it. What
 * has begun in one place stays there, whatever is chosen meanwhile.
 */
export class Targets implements vscode.Disposable {
  readonly #options: TargetsOptions;
  readonly #state = localFolders().state;
  readonly #sandboxes = new Map<string, Sandbox>();
  /** What targets could do when they were asked last, and of which deployment that is. */
  readonly #known = new Map<string, { can: Capabilities; deployedAt: number | undefined }>();
  /** Those that were looked at without being asked for. */
  readonly #lookedAt = new Set<string>();
  /** The engine that containers are made with, as far as that was looked for. */
  #engine: { kind: string | undefined; at: number; looked: Promise<void> } | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when another target is chosen, or more is known of one. */
  readonly onDidChange = this.#changed.event;

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  /** The target that the user has chosen for this workspace; this computer where none was, or nobody trusts it. */
  get chosen(): Target {
    if (!vscode.workspace.isTrusted) return LOCAL;
    const id = this.#options.memory.get(CHOSEN_TARGET);
    const target = typeof id === 'string' ? targetById(id) : undefined;
    return target !== undefined && isOffered(target.kind) ? target : LOCAL;
  }

  /** From now on runs go there. */
  async choose(target: Target): Promise<void> {
    if (targetId(target) === targetId(this.chosen)) return;
    await this.#options.memory.update(CHOSEN_TARGET, target.kind === 'local' ? undefined : targetId(target));
    this.#changed.fire();
    // What it can do is shown; that it cannot be reached is said when something is to run there.
    this.capabilities(target).catch((error: unknown) => {
      this.#options.log.warn(`${targetLabel(target)} cannot be reached.`, error);
    });
  }

  /**
   * What can be chosen: this computer, containers where {@link lookForEngine} has found an engine, and the deployments that
   * this machine knows.
   */
  async offered(): Promise<OfferedTarget[]> {
    const deployments = await readDeployments(this.#state);
    const engine = this.#engine?.kind;
    const here: OfferedTarget[] = [
      { target: LOCAL, label: targetLabel(LOCAL) },
      ...(engine === undefined
        ? []
        : [{ target: { kind: 'container' } as const, label: `Container (${engine})` }]),
    ];
    const labels = deployments.map((each) => targetLabel(targetOf(each)));
    const away = deployments.map((deployment) => {
      const target = targetOf(deployment);
      const label = targetLabel(target);
      const isOneOfMany = labels.indexOf(label) !== labels.lastIndexOf(label);
      return { target, deployment, label: isOneOfMany ? `${label} · ${deployment.account}` : label };
    });
    return [...here, ...away];
  }

  /** Looks whether an engine for containers answers, unless that was done just now. Never throws. */
  lookForEngine(): Promise<void> {
    if (!isOffered('container')) return Promise.resolve();
    if (this.#engine !== undefined && Date.now() - this.#engine.at < ENGINE_KNOWN_MS)
      return this.#engine.looked;
    const before = this.#engine?.kind;
    const looked = enginesThatAnswer()
      .then(
        ([{ kind }]) => kind,
        () => undefined,
      )
      .then((kind) => {
        this.#engine = { kind, at: Date.now(), looked };
        if (kind !== before) this.#changed.fire();
      });
    this.#engine = { kind: before, at: Date.now(), looked };
    return looked;
  }

  /** Deployments may have come or gone. */
  refresh(): void {
    this.#changed.fire();
  }

  /** The sandbox that a run is in, by its record. It is there for the window: nobody else disposes of it. */
  sandboxOf({ target = LOCAL, tenant }: Placed): Sandbox {
    const key = `${targetId(target)} ${isAway(target) ? (tenant ?? '') : ''}`;
    const there = this.#sandboxes.get(key);
    if (there !== undefined) return there;
    const sandbox = lazySandbox(() =>
      openTarget(target, { ...this.openOptions, tenant: tenant ?? ownTenant() }),
    );
    this.#sandboxes.set(key, sandbox);
    return sandbox;
  }

  /**
   * A deployed target for one look at all of it: whatever calls it then asks for the code of a device once. Its clients are
   * undefined where they cannot be had, which the look finds out by itself. Whoever asks for them disposes of them.
   */
  async openForLook(target: DeployedTo): Promise<{ sandbox: Sandbox; aws: AwsClients | undefined }> {
    const options = { ...this.openOptions, tenant: ownTenant() };
    const { state, askMfaCode } = options;
    const aws = await deploymentAt(state, target)
      .then(({ region, profile }) => AwsClients.open({ region, profile, askMfaCode }))
      .catch(() => undefined);
    return { aws, sandbox: lazySandbox(() => openTarget(target, { ...options, aws })) };
  }

  /** What a target is opened with, besides the workspace. */
  get openOptions(): {
    backendFolder: string;
    state: string;
    askMfaCode: (device: string) => Promise<string>;
  } {
    const { backendFolder, dialogs } = this.#options;
    const ask = (device: string) => mfaCodeOrNone(dialogs(), device);
    return { backendFolder, state: this.#state, askMfaCode: ask };
  }

  /**
   * The place of a run that begins now: that of the chosen target, or of another one.
   * @throws OffloadError why it cannot be reached; an AbortError where nobody waits for it any more
   */
  async place(target = this.chosen, waiting?: Waiting): Promise<Place> {
    const label = targetLabel(target);
    if (target.kind === 'local')
      return { target, label, sandbox: this.sandboxOf({}), can: undefined, placed: {} };
    const deployment = isAway(target) ? await deploymentAt(this.#state, target) : undefined;
    const hourUsd = deployment && hourlyCost(deployment);
    const placed: Placed = {
      target,
      ...(isAway(target) ? { tenant: ownTenant() } : {}),
      ...(hourUsd === undefined ? {} : { hourUsd }),
    };
    const known = this.#known.get(targetId(target));
    // One that was deployed anew may be another one.
    const isKnown = known !== undefined && known.deployedAt === deployment?.deployedAt;
    if (!isKnown) waiting?.onStep(`looking at ${label}`);
    const can = isKnown ? known.can : await this.capabilities(target, waiting?.signal);
    waiting?.signal.throwIfAborted();
    return { target, label, sandbox: this.sandboxOf(placed), can, placed };
  }

  /** @throws OffloadError `no-backend` for a deployment that this machine does not know any more */
  async requireKnown(target: Target): Promise<void> {
    if (isAway(target)) await deploymentAt(this.#state, target);
  }

  /** What a target can do, asked now. @throws OffloadError why it cannot be reached */
  async capabilities(target: Target, signal?: AbortSignal): Promise<Capabilities> {
    const tenant = isAway(target) ? { tenant: ownTenant() } : {};
    return this.#learn(target, this.sandboxOf({ target, ...tenant }), signal);
  }

  async #learn(
    target: Target,
    sandbox: Pick<Sandbox, 'environment'>,
    signal?: AbortSignal,
  ): Promise<Capabilities> {
    const deployedAt = isAway(target) ? (await deploymentAt(this.#state, target)).deployedAt : undefined;
    const { capabilities: can } = await sandbox.environment(signal);
    const before = JSON.stringify(this.known(target));
    this.#known.set(targetId(target), { can, deployedAt });
    if (before !== JSON.stringify(can)) this.#changed.fire();
    return can;
  }

  /**
   * Looks once what the chosen target can do where this window does not know it, by credentials that are there without
   * asking anybody. Never throws.
   */
  async lookQuietly(): Promise<void> {
    const target = this.chosen;
    const id = targetId(target);
    if (target.kind === 'local' || this.#known.has(id) || this.#lookedAt.has(id)) return;
    this.#lookedAt.add(id);
    const { backendFolder, state } = this.openOptions;
    let sandbox: Sandbox | undefined;
    try {
      sandbox = await openTarget(target, { backendFolder, state, tenant: ownTenant() });
      await this.#learn(target, sandbox);
    } catch (error) {
      this.#options.log.info(`${targetLabel(target)} could not be looked at.`, error);
    } finally {
      sandbox?.dispose();
    }
  }

  /** What a target could do when it was last asked; undefined where this window has not asked it. */
  known(target: Target): Capabilities | undefined {
    return this.#known.get(targetId(target))?.can;
  }

  /** Notes where a run goes, for as long as its output may be asked for. */
  async remember(runId: string, placed: Placed): Promise<void> {
    if (placed.target === undefined) return;
    await this.#options.memory.update(PLACES, [...this.#places(), { runId, placed }].slice(-KEPT_PLACES));
  }

  /** Where a run went of which nothing else is kept. */
  remembered(runId: string): Placed {
    return this.#places().find((each) => each.runId === runId)?.placed ?? {};
  }

  dispose(): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.dispose();
    this.#sandboxes.clear();
    this.#changed.dispose();
  }

  #places(): z.infer<typeof placesSchema> {
    return placesSchema.safeParse(this.#options.memory.get(PLACES)).data ?? [];
  }
}

/** The workspace of this window, as a backend that serves several knows it; the user's, where no folder is open. */
function ownTenant(): string {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return tenantOf(folder?.uri.fsPath ?? homedir(), localFolders().state);
}
