import { AwsClients } from '../../core/aws/clients.ts';
import type { ErrorCode } from '../../protocol/error.ts';
import { askMfaCode } from '../ask-mfa-code.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Place } from './place.ts';

type Login = Pick<Place, 'profile' | 'region'>;

/** Errors after which credentials are looked for anew: the user may have put right what was wrong with them. */
const STALE: ReadonlySet<ErrorCode> = new Set(['no-credentials', 'unauthorized', 'login-expired']);

const keyOf = ({ profile, region }: Login): string => JSON.stringify([profile, region]);

/** The clients of AWS by profile and region, kept so that the code of a device is asked for once. */
export class LoginClients {
  readonly #dialogs: () => Dialogs;
  readonly #clients = new Map<string, AwsClients>();
  /** Those that are not given out any more; what goes on with them goes on. */
  readonly #old: AwsClients[] = [];

  constructor(dialogs: () => Dialogs) {
    this.#dialogs = dialogs;
  }

  /** @throws OffloadError. The credentials throw an AbortError where the user gives no code */
  async open({ profile, region }: Login): Promise<AwsClients> {
    const key = keyOf({ profile, region });
    const there = this.#clients.get(key);
    if (there !== undefined) return there;
    const ask = (device: string) => askMfaCode(this.#dialogs(), device);
    const clients = await AwsClients.open({ profile, region, askMfaCode: ask });
    this.#clients.set(key, clients);
    return clients;
  }

  /** Has the credentials of a place be looked for anew, where an error says that these are of no use. */
  forgetAfter(code: ErrorCode, place: Login | undefined): void {
    if (place !== undefined && STALE.has(code)) this.#forget((key) => key === keyOf(place));
  }

  /** Has the credentials of a profile be looked for anew. @param standard that which stands for none */
  forgetProfile(profile: string, standard = process.env['AWS_PROFILE'] ?? 'default'): void {
    this.#forget((_, clients) => (clients.profile ?? standard) === profile);
  }

  dispose(): void {
    this.#forget(() => true);
    for (const clients of this.#old.splice(0)) clients.dispose();
  }

  #forget(isMeant: (key: string, clients: AwsClients) => boolean): void {
    for (const [key, clients] of this.#clients) {
      if (!isMeant(key, clients)) continue;
      this.#old.push(clients);
      this.#clients.delete(key);
    }
  }
}
