import type * as vscode from 'vscode';
import { asAwsError } from '../../core/aws/aws-error.ts';
import { awsIdentity } from '../../core/aws/identity.ts';
import { destroy, WHAT_STAYS } from '../../core/deploy/destroy.ts';
import { LOGS, type LogName } from '../../core/deploy/logs.ts';
import { localFolders } from '../../core/local/folders.ts';
import { asOffloadError } from '../../protocol/error.ts';
import type { Dialogs } from '../dialogs.ts';
import type { ErrorReport } from '../report/error-report.ts';
import { ReportDocument } from '../report/report-document.ts';
import { readAwsSettings } from '../settings/read-settings.ts';
import type { KeyStore } from '../task/key-store.ts';
import { askPlace } from './ask-place.ts';
import { cancellable } from './cancellable.ts';
import { deployTo } from './deploy-flow.ts';
import { failureActions } from './failure-actions.ts';
import { FollowedLogs } from './follow-logs.ts';
import { logIn } from './log-in.ts';
import { LoginClients } from './login-clients.ts';
import { pickBackend, pickInterrupted } from './pick-backend.ts';
import { placeWords, type Place } from './place.ts';
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
  /** Told when a backend has come or gone, or may have. */
  onDidChange: () => void;
}

/** What the commands of the backend in the user's AWS account do. */
export class Backend implements vscode.Disposable {
  readonly #options: BackendOptions;
  /** What goes on, with its steps. */
  readonly work = new BackendWork();
  readonly #logs = new FollowedLogs();
  readonly #document = new ReportDocument(
    'offload-backend',
    'Offload Backend',
    'Run "Offload: Show Backend Status" to look again.\n',
  );
  readonly #clients: LoginClients;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.#clients = new LoginClients(options.dialogs);
  }

  /** Deploys, or brings up to date. @param known where, where that is not to be asked */
  async deploy(known?: Place): Promise<void> {
    if (this.#isBusy()) return;
    const { dialogs, errors, memory, openLink, folder, keys } = this.#options;
    let place = known;
    try {
      const settings = readAwsSettings();
      const asked = { dialogs: dialogs(), memory, settings, env: process.env };
      place ??= await pickInterrupted(asked);
      place ??= await askPlace(asked, 'Deploy Backend');
      if (place === undefined) return;
      const aws = await this.#clients.open(place);
      const { state } = localFolders();
      const context = { place, aws, work: this.work, dialogs: dialogs(), memory, folder, keys, state };
      const outcome = await deployTo({ ...context, options: settings.options });
      this.#options.onDidChange();
      if (outcome === 'stopped') void this.#offerToGoOn(place);
    } catch (thrown) {
      this.#clients.forget(place);
      const at = place;
      const goOn = () => this.deploy(at);
      const chooseAnew = () => this.deploy();
      const actions = failureActions(asOffloadError(thrown), { place, goOn, chooseAnew, openLink });
      void errors.show(thrown, 'offload.deployBackend', { retry: goOn, actions });
    }
  }

  /** Ends what goes on. */
  stop(): void {
    this.work.stop();
  }

  async hide(): Promise<void> {
    if (!this.work.busy) await this.work.view.hide();
  }

  /** Removes a backend, once its name was typed. */
  async destroy(): Promise<void> {
    if (this.#isBusy()) return;
    await this.#at('Destroy Backend', (place) => this.#destroyAt(place));
  }

  async showStatus(): Promise<void> {
    const [document, { folder }] = [this.#document, this.#options];
    await this.#at('Show Backend Status', async (place) => {
      const aws = await this.#clients.open(place);
      await cancellable(`Offload looks at ${placeWords(place)}`, (signal) =>
        showStatus({ aws, place, folder, document, signal }),
      );
    });
  }

  async showLogs(): Promise<void> {
    await this.#at('Show Function Logs', async (place) => {
      const items = LOGS.map((log) => ({ ...LOG_ITEMS[log], picked: log !== 'build', log }));
      const picked = await this.#options.dialogs().pickSome(items, 'Show Function Logs', 'Which logs?');
      if (picked === undefined || picked.length === 0) return;
      const following = this.#logs.follow(
        await this.#clients.open(place),
        place,
        picked.map(({ log }) => log),
      );
      // It goes on until it is stopped; the command has done its part.
      following.catch((error: unknown) => {
        void this.#options.errors.show(error, 'offload.showFunctionLogs', { retry: () => this.showLogs() });
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
    if (done) this.#clients.forget();
    return done;
  }

  /** Shows what a user of AWS needs to be allowed, to copy it from there. */
  async showPolicy(name: unknown): Promise<void> {
    await showPolicy(this.#options.dialogs(), name);
  }

  dispose(): void {
    this.#logs.dispose();
    this.work.dispose();
    this.#document.dispose();
    this.#clients.forget();
  }

  async #destroyAt(place: Place): Promise<void> {
    const { dialogs } = this.#options;
    const { stack, region } = place;
    const aws = await this.#clients.open(place);
    const { account } = await awsIdentity(aws).catch((error: unknown) => {
      throw asAwsError(error, place);
    });
    const typed = await dialogs().input({
      title: `Destroy Backend: ${placeWords(place)}`,
      prompt: `This removes the stack ${stack} from AWS account ${account} with all that it holds: runs, their files, logs, the image, the key of the model. Type ${stack} to go on.`,
      check: (text) => (text === stack ? undefined : `Type ${stack} to remove it.`),
    });
    if (typed === undefined) return;
    const { state } = localFolders();
    const whole = await this.work.carryOut(
      {
        title: `Removing ${placeWords(place)}`,
        where: `${region} · ${stack}`,
        done: 'It is removed.',
        stopped: 'Stopped. AWS may go on with what it has begun.',
      },
      (signal) => destroy({ aws, stack, typed, state, signal }),
    );
    this.#options.onDidChange();
    const message = whole
      ? `${placeWords({ stack, region })} is removed. ${WHAT_STAYS}`
      : 'Stopped. Destroying again goes on from there.';
    void dialogs().ask({ severity: 'info', message });
    if (!whole) return;
    this.#clients.forget(place);
    this.#document.update({ text: `${placeWords(place)} was removed.\n`, buttons: [] });
  }

  /** Does something at a backend; what is wrong with the credentials is offered to be put right. */
  async #at(title: string, body: (place: Place) => Promise<void>): Promise<void> {
    const { dialogs, errors, openLink } = this.#options;
    let place: Place | undefined;
    const attempt = async (again?: Place): Promise<void> => {
      place = again;
      try {
        place ??= await pickBackend(dialogs(), title, () => this.#ask(title));
        if (place !== undefined) await body(place);
      } catch (thrown) {
        this.#clients.forget(place);
        const at = place;
        const retry = () => attempt(at);
        const chooseAnew = async () => {
          const anew = await this.#ask(title);
          if (anew !== undefined) await attempt(anew);
        };
        const error = asOffloadError(thrown);
        const actions =
          error.code === 'no-backend'
            ? [{ label: 'Deploy Backend', act: () => this.deploy() }]
            : failureActions(error, { place, goOn: retry, chooseAnew, openLink });
        void errors.show(thrown, title, { retry, actions });
      }
    };
    await attempt();
  }

  #ask(title: string): Promise<Place | undefined> {
    const { dialogs, memory } = this.#options;
    return askPlace({ dialogs: dialogs(), memory, settings: readAwsSettings(), env: process.env }, title);
  }

  async #offerToGoOn(place: Place): Promise<void> {
    const answer = await this.#options.dialogs().ask({
      severity: 'info',
      message: `Stopped. What is there of ${placeWords(place)} stays; deploying again goes on from there.`,
      buttons: ['Deploy Again', 'Destroy Backend'],
    });
    if (answer === 'Deploy Again') await this.deploy(place);
    else if (answer === 'Destroy Backend') await this.#at('Destroy Backend', () => this.#destroyAt(place));
  }

  #isBusy(): boolean {
    if (!this.work.busy) return false;
    this.work.view.reveal();
    void this.#options
      .dialogs()
      .ask({ severity: 'info', message: 'A deploy goes on in this window: see its steps.' });
    return true;
  }
}

const LOG_ITEMS: Readonly<Record<LogName, { label: string; description: string }>> = {
  control: { label: 'Control', description: 'claims runs, relays the model, answers attach' },
  runner: { label: 'Runner', description: 'runs code and agents' },
  build: { label: 'Build', description: 'makes the image' },
};
