import type * as vscode from 'vscode';
import { LOGS, type LogName } from '../../core/deploy/logs.ts';
import type { PolicyName } from '../../core/deploy/policies.ts';
import { localFolders } from '../../core/local/folders.ts';
import { isAway, type Target } from '../../core/targets/target.ts';
import { asOffloadError } from '../../protocol/error.ts';
import { cancellable } from '../cancellable.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ErrorReport } from '../report/error-report.ts';
import { ReadOnlyText } from '../report/read-only-text.ts';
import { ReportDocument } from '../report/report-document.ts';
import { readAwsSettings } from '../settings/read-settings.ts';
import type { KeyStore } from '../task/key-store.ts';
import { askPlace } from './ask-place.ts';
import { deployTo } from './deploy-flow.ts';
import { leftDeploys } from './deploy-notes.ts';
import { destroyAt } from './destroy-flow.ts';
import { failureActions } from './failure-actions.ts';
import { FollowedLogs } from './follow-logs.ts';
import { logIn } from './log-in.ts';
import { LoginClients } from './login-clients.ts';
import { pickBackend, pickInterrupted } from './pick-backend.ts';
import { isSamePlace, parsePlace, placeWords, type Place } from './place.ts';
import { showPolicy } from './show-policy.ts';
import { showStatus } from './show-status.ts';
import { BackendWork } from './work.ts';

export interface BackendOptions {
  dialogs: () => Dialogs;
  errors: ErrorReport;
  keys: KeyStore;
  openLink: (address: string) => Thenable<unknown>;
  /** Of this machine. */
  memory: vscode.Memento;
  /** The built backend. */
  folder: string;
  /** Where runs go. */
  chosen: () => Target;
  /** Told when a backend has come or gone, or may have. */
  onDidChange: () => void;
}

/** What the commands of the backend in the user's AWS account do. Where a place is given, nobody is asked which is meant. */
export class Backend implements vscode.Disposable {
  readonly #options: BackendOptions;
  readonly #state = localFolders().state;
  /** What goes on, with its steps. */
  readonly work = new BackendWork();
  readonly #logs = new FollowedLogs();
  readonly #document = new ReportDocument(
    'offload-backend',
    'Offload Backend',
    'Run "Offload: Show Backend Status" to look again.\n',
  );
  readonly #policy = new ReadOnlyText('offload-aws-policy', 'AWS Policy.json');
  readonly #clients: LoginClients;
  /** The look whose findings the document shows, and where it looks. */
  #look: { place: Place; stopping: AbortController } | undefined;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.#clients = new LoginClients(options.dialogs);
  }

  /** Deploys, or brings up to date. @param where what is not a place is asked for */
  async deploy(where?: unknown): Promise<void> {
    if (this.#isBusy()) return;
    const { dialogs, errors, memory, openLink, folder, keys } = this.#options;
    let place = parsePlace(where);
    try {
      const settings = readAwsSettings();
      place ??= await pickInterrupted(dialogs(), this.#state);
      place ??= await askPlace({ dialogs: dialogs(), memory, settings, env: process.env }, 'Deploy Backend');
      if (place === undefined) return;
      const context = await this.#workAt(place);
      const outcome = await deployTo({ ...context, folder, keys, options: settings.options });
      this.#options.onDidChange();
      if (outcome === 'stopped') void this.#offerToGoOn(place);
    } catch (thrown) {
      const error = asOffloadError(thrown);
      this.#clients.forgetAfter(error.code, place);
      const at = place;
      const goOn = () => this.deploy(at);
      const chooseAnew = () => this.deploy();
      const actions = failureActions(error, { place, goOn, chooseAnew, openLink });
      const more = { retry: goOn, actions, also: await this.#removal(place), place };
      void errors.show(thrown, 'offload.deployBackend', more);
    }
  }

  /** Ends what goes on. */
  stop(): void {
    this.work.stop();
  }

  async hide(): Promise<void> {
    if (this.work.title === undefined) await this.work.view.hide();
  }

  /** Removes a backend, once its name was typed. */
  async destroy(where?: unknown): Promise<void> {
    const options = { always: true, known: parsePlace(where) };
    await this.#at('Destroy Backend', options, async (place) => {
      if (this.#isBusy()) return;
      const whole = await destroyAt(await this.#workAt(place));
      if (whole === undefined) return;
      this.#options.onDidChange();
      const isShown = this.#look !== undefined && isSamePlace(this.#look.place, place);
      if (!whole || !isShown) return;
      this.#stopLook();
      this.#document.update({ text: `${placeWords(place)} was removed.\n`, buttons: [] });
    });
  }

  async showStatus(where?: unknown): Promise<void> {
    const { folder, onDidChange } = this.#options;
    const shown = { folder, document: this.#document, state: this.#state, onNoted: onDidChange };
    await this.#at('Show Backend Status', { known: parsePlace(where) }, async (place) => {
      const aws = await this.#clients.open(place);
      this.#stopLook();
      const look = { place, stopping: new AbortController() };
      this.#look = look;
      await cancellable(`Offload looks at ${placeWords(place)}`, (cancelled) =>
        showStatus({
          ...{ aws, place, ...shown },
          signal: AbortSignal.any([cancelled, look.stopping.signal]),
          isCurrent: () => this.#look === look,
        }),
      );
    });
  }

  async showLogs(where?: unknown): Promise<void> {
    await this.#at('Show Function Logs', { known: parsePlace(where) }, async (place) => {
      const items = LOGS.map((log) => ({ ...LOG_ITEMS[log], picked: log !== 'build', log }));
      const picked = await this.#options.dialogs().pickSome(items, 'Show Function Logs', 'Which logs?');
      if (picked === undefined || picked.length === 0) return;
      const following = this.#logs.follow(
        await this.#clients.open(place),
        place,
        picked.map(({ log }) => log),
      );
      // It goes on until it is stopped; the command has done its part.
      following.catch((thrown: unknown) => {
        this.#clients.forgetAfter(asOffloadError(thrown).code, place);
        const more = { retry: () => this.showLogs(place), place };
        void this.#options.errors.show(thrown, 'offload.showFunctionLogs', more);
      });
    });
  }

  stopLogs(): void {
    this.#logs.stop();
  }

  /** @param profile empty for the default one; asked for where it is no text */
  async logIn(profile: unknown): Promise<boolean> {
    const { dialogs, openLink } = this.#options;
    const named = typeof profile === 'string' ? profile : undefined;
    const done = await logIn({ dialogs: dialogs(), openLink, env: process.env }, named);
    // What was found before is of the login that has run out.
    if (done !== undefined) this.#clients.forgetProfile(done);
    return done !== undefined;
  }

  /**
   * Shows what a user of AWS needs to be allowed, to copy it from there.
   * @param where the backend that it is for; where it is no place, that which runs go to, or which the settings would deploy
   */
  async showPolicy(name: unknown, where?: unknown): Promise<void> {
    const { dialogs, chosen } = this.#options;
    const place = parsePlace(where);
    const backendFor = (policy: PolicyName) => {
      const target = chosen();
      return place ?? (policy === 'use' && isAway(target) ? target : readAwsSettings());
    };
    await showPolicy({ dialogs: dialogs(), document: this.#policy, backendFor }, name);
  }

  dispose(): void {
    this.#stopLook();
    this.#logs.dispose();
    this.work.dispose();
    this.#document.dispose();
    this.#policy.dispose();
    this.#clients.dispose();
  }

  /** Does something at a backend; what is wrong with the credentials is offered to be put right. */
  async #at(
    title: string,
    { known, always = false }: { known: Place | undefined; always?: boolean },
    body: (place: Place) => Promise<void>,
  ): Promise<void> {
    const { dialogs, errors, openLink } = this.#options;
    const attempt = async (given?: Place): Promise<void> => {
      let place = given;
      try {
        const asking = { dialogs: dialogs(), state: this.#state, title, always };
        place ??= await pickBackend({ ...asking, ask: () => this.#ask(title) });
        if (place !== undefined) await body(place);
      } catch (thrown) {
        const error = asOffloadError(thrown);
        this.#clients.forgetAfter(error.code, place);
        const at = place;
        const retry = () => attempt(at);
        const chooseAnew = async () => {
          const anew = await this.#ask(title);
          // Whose account it is changes, or where that is; not which backend.
          if (anew !== undefined) await attempt({ ...anew, stack: at?.stack ?? anew.stack });
        };
        const actions =
          error.code === 'no-backend'
            ? [{ label: 'Deploy Backend', act: () => this.deploy(at) }]
            : failureActions(error, { place, goOn: retry, chooseAnew, openLink });
        void errors.show(thrown, title, { retry, actions, place: at });
      }
    };
    await attempt(known);
  }

  /** What carries out a piece of work there. */
  async #workAt(place: Place) {
    const { dialogs, errors } = this.#options;
    const log = (error: unknown, doing: string): void => void errors.log(error, doing);
    const aws = await this.#clients.open(place);
    return { place, aws, work: this.work, dialogs: dialogs(), state: this.#state, log };
  }

  #ask(title: string): Promise<Place | undefined> {
    const { dialogs, memory } = this.#options;
    return askPlace({ dialogs: dialogs(), memory, settings: readAwsSettings(), env: process.env }, title);
  }

  /** What is offered besides where a deploy has left something. */
  async #removal(place: Place | undefined): Promise<{ label: string; act: () => Promise<void> }[]> {
    if (place === undefined) return [];
    const isLeft = (await leftDeploys(this.#state)).some((left) => isSamePlace(left.place, place));
    return isLeft ? [{ label: 'Destroy Backend', act: () => this.destroy(place) }] : [];
  }

  async #offerToGoOn(place: Place): Promise<void> {
    const answer = await this.#options.dialogs().ask({
      severity: 'info',
      message: `Stopped. What is there of ${placeWords(place)} stays; deploying again goes on from there.`,
      buttons: ['Deploy Again', 'Destroy Backend'],
    });
    if (answer === 'Deploy Again') await this.deploy(place);
    else if (answer === 'Destroy Backend') await this.destroy(place);
  }

  #stopLook(): void {
    this.#look?.stopping.abort();
    this.#look = undefined;
  }

  #isBusy(): boolean {
    const { title } = this.work;
    if (title === undefined) return false;
    this.work.view.reveal();
    const message = `${title}: that goes on in this window, see its steps.`;
    void this.#options.dialogs().ask({ severity: 'info', message });
    return true;
  }
}

const LOG_ITEMS: Readonly<Record<LogName, { label: string; description: string }>> = {
  control: { label: 'Control', description: 'claims runs, relays the model, answers attach' },
  runner: { label: 'Runner', description: 'runs code and agents' },
  build: { label: 'Build', description: 'makes the image' },
};
