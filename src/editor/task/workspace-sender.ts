import { mkdir } from 'node:fs/promises';
import type * as vscode from 'vscode';
import { displayPath } from '../../core/changes/display.ts';
import type { Sandbox } from '../../core/sandbox.ts';
import { withoutSecrets, type FoundSecret } from '../../core/workspace/find-secrets.ts';
import { prepareSnapshot, type PreparedSnapshot } from '../../core/workspace/prepare.ts';
import { previewOf } from '../../core/workspace/preview.ts';
import type { TakenSnapshot } from '../../core/workspace/taken-snapshot.ts';
import { upload } from '../../core/workspace/upload.ts';
import { counted, size } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';
import { agreement, allowedPaths, askConsent, type Secret, type Sending } from './consent.ts';
import type { Standing } from './standing.ts';
import type { Waiting } from './waiting.ts';
import { unsavedEditors } from './unsaved-editors.ts';
import { pathInSnapshot, type WindowRoot } from './window-roots.ts';

export interface SenderOptions {
  sandbox: Pick<Sandbox, 'missing' | 'put' | 'putWhole'>;
  /** Where it leaves this machine for; see `Sending`. */
  destination?: Sending['destination'];
  dialogs: () => Dialogs;
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
  /** A folder of the user's alone, for what speeds up the next snapshot. */
  cacheFolder: string;
  /** The program that looks for secrets. */
  scanner: string;
}

const AS_SAVED = 'Send As Saved';

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
  /** Files of which the user knows that they go along as saved. */
  readonly #toldAsSaved = new Set<string>();

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
    const { contents, unseen } = await unsavedEditors();
    const prepared = await prepareSnapshot({ roots, unsaved: contents, cacheFolder, scanner, signal });
    const sent = new Set(prepared.taken.snapshot.entries.map(({ path }) => path));
    const asSaved = unseen
      .map((uri) => pathInSnapshot(uri, roots))
      .filter((path) => path !== undefined && sent.has(path) && !this.#toldAsSaved.has(path));
    await this.#tellAsSaved(asSaved as string[]);
    return prepared;
  }

  /** Files go along as their user sees them; where that cannot be, the user hears of it before anything is sent. */
  async #tellAsSaved(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const answer = await this.#options.dialogs().ask({
      severity: 'warning',
      modal: true,
      message: `Send ${counted(paths.length, 'file')} as saved, without your unsaved edits?`,
      detail: [
        paths.map((path) => `• ${displayPath(path)}`).join('\n'),
        'What is not saved of these is known to their editors alone. Save them first to have your edits go along.',
      ].join('\n\n'),
      buttons: [AS_SAVED],
    });
    if (answer !== AS_SAVED) throw new DOMException('The files are to be saved first.', 'AbortError');
    for (const path of paths) this.#toldAsSaved.add(path);
  }

  /** What of it may be sent, as the user has agreed. */
  async #allowed(
    { taken, secrets: found }: PreparedSnapshot,
    roots: readonly WindowRoot[],
    standing: readonly Standing[],
  ): Promise<TakenSnapshot> {
    const { dialogs, memory, destination } = this.#options;
    const secrets = withHashes(found, taken);
    const { files, bytes, notScanned } = previewOf(
      withoutSecrets(taken, secrets, allowedPaths(agreement(memory, destination), secrets)),
    );
    const agreed = await askConsent(
      { dialogs: dialogs(), memory },
      {
        ...{ files, bytes, secrets, notScanned: notScanned.length },
        folders: roots.map(({ name }) => name),
        standing: standing.map(({ path }) => path).join(', ') || undefined,
        destination,
      },
    );
    if (agreed === undefined) throw new DOMException('The workspace is not to be sent.', 'AbortError');
    return withoutSecrets(taken, secrets, allowedPaths(agreed, secrets));
  }
}

/** What was found, with the hash of the file that it is in. */
function withHashes(found: readonly FoundSecret[], { snapshot }: TakenSnapshot): Secret[] {
  const paths = new Set(found.map(({ path }) => path));
  const hashes = new Map(
    snapshot.entries.flatMap((entry) =>
      entry.kind === 'file' && paths.has(entry.path) ? [[entry.path, entry.hash] as const] : [],
    ),
  );
  return found.map((secret) => ({ ...secret, hash: hashes.get(secret.path) ?? '' }));
}
