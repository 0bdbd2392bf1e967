import { mkdir } from 'node:fs/promises';
import type * as vscode from 'vscode';
import type { Sandbox } from '../../core/sandbox.ts';
import { withoutSecrets } from '../../core/workspace/find-secrets.ts';
import { prepareSnapshot, type PreparedSnapshot } from '../../core/workspace/prepare.ts';
import { previewOf } from '../../core/workspace/preview.ts';
import type { TakenSnapshot } from '../../core/workspace/taken-snapshot.ts';
import { upload } from '../../core/workspace/upload.ts';
import { size } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { agreement, askConsent } from './consent.ts';
import type { Standing } from './standing.ts';
import type { Waiting } from './waiting.ts';
import { unsavedEditors } from './unsaved-editors.ts';
import type { WindowRoot } from './window-roots.ts';

export interface SenderOptions {
  sandbox: Pick<Sandbox, 'missing' | 'put'>;
  dialogs: () => Dialogs;
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
  /** A folder of the user's alone, for what speeds up the next snapshot. */
  cacheFolder: string;
  /** The program that looks for secrets. */
  scanner: string;
}

/** A workspace that may be sent: its user has agreed. */
export interface Prepared {
  taken: TakenSnapshot;
  /** Files and links. */
  files: number;
  bytes: number;
  roots: readonly WindowRoot[];
  standing: readonly Standing[];
}

/** Takes the workspace as its user sees it, asks what has to be asked, and sends what the sandbox does not have. */
export class WorkspaceSender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** @throws OffloadError why it cannot be taken; an AbortError where the user does not want it to be sent */
  async prepare(
    roots: readonly WindowRoot[],
    standing: readonly Standing[],
    waiting: Waiting,
  ): Promise<Prepared> {
    waiting.onStep('reading the workspace…');
    const taken = await this.#allowed(await this.#take(roots, waiting.signal), roots, standing);
    waiting.signal.throwIfAborted();
    const { files, bytes, leftOut, notScanned } = previewOf(taken);
    for (const { path, reason, detail } of leftOut) {
      this.#options.log.info(`not sent: ${path}: ${reason}${detail === undefined ? '' : ` (${detail})`}`);
    }
    for (const path of notScanned)
      this.#options.log.info(`too large to be looked through for secrets: ${path}`);
    return { taken, files, bytes, roots, standing };
  }

  /**
   * Sends it. @returns what was sent: taken anew where a file has changed meanwhile
   * @throws OffloadError why it could not be sent; an AbortError
   */
  async send(prepared: Prepared, { onStep, signal }: Waiting): Promise<TakenSnapshot> {
    const { roots, standing } = prepared;
    return await upload(this.#options.sandbox, prepared.taken, {
      signal,
      onProgress: ({ sent, total }) => {
        onStep(`sending files: ${size(sent)} of ${size(total)}`);
      },
      retake: async () => {
        onStep('a file has changed: reading the workspace again…');
        return await this.#allowed(await this.#take(roots, signal), roots, standing);
      },
    });
  }

  async #take(roots: readonly WindowRoot[], signal: AbortSignal): Promise<PreparedSnapshot> {
    const { cacheFolder, scanner } = this.#options;
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
    const unsaved = await unsavedEditors();
    return await prepareSnapshot({ roots, unsaved, cacheFolder, scanner, signal });
  }

  /** What of it may be sent, as the user has agreed. */
  async #allowed(
    { taken, secrets }: PreparedSnapshot,
    roots: readonly WindowRoot[],
    standing: readonly Standing[],
  ): Promise<TakenSnapshot> {
    const { dialogs, memory } = this.#options;
    const { files, bytes, notScanned } = previewOf(
      withoutSecrets(taken, secrets, new Set(agreement(memory)?.sent)),
    );
    const agreed = await askConsent(
      { dialogs: dialogs(), memory },
      {
        ...{ files, bytes, secrets, notScanned: notScanned.length },
        folders: roots.map(({ name }) => name),
        standing: standing.map(({ path }) => path).join(', ') || undefined,
      },
    );
    if (agreed === undefined) throw new DOMException('The workspace is not to be sent.', 'AbortError');
    return withoutSecrets(taken, secrets, new Set(agreed.sent));
  }
}
