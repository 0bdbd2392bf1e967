import { AwsClients } from '../../core/aws/clients.ts';
import type { Dialogs } from '../dialogs.ts';
import type { Place } from './place.ts';

type Login = Pick<Place, 'profile' | 'region'>;

const keyOf = ({ profile, region }: Login): string => JSON.stringify([profile, region]);

/** The clients of AWS by profile and region, kept so that the code of a device is asked for once. */
export class LoginClients {
  readonly #dialogs: () => Dialogs;
  readonly #clients = new Map<string, AwsClients>();

  constructor(dialogs: () => Dialogs) {
    this.#dialogs = dialogs;
  }

  /** @throws OffloadError; an AbortError where the user gives no code */
  async open({ profile, region }: Login): Promise<AwsClients> {
    const key = keyOf({ profile, region });
    const there = this.#clients.get(key);
    if (there !== undefined) return there;
    const clients = await AwsClients.open({ profile, region, askMfaCode: (device) => this.#askCode(device) });
    this.#clients.set(key, clients);
    return clients;
  }

  /** Has credentials be looked for anew: of a place, or all. */
  forget(place?: Login): void {
    for (const [key, clients] of this.#clients) {
      if (place !== undefined && key !== keyOf(place)) continue;
      clients.dispose();
      this.#clients.delete(key);
    }
  }

  async #askCode(device: string): Promise<string> {
    const code = await this.#dialogs().input({
      title: 'AWS',
      prompt: `The code that the device ${device} shows.`,
      check: (text) => (/^\d{6}$/.test(text.trim()) ? undefined : 'It has six digits.'),
    });
    if (code === undefined) throw new DOMException('The user wants no more of it.', 'AbortError');
    return code.trim();
  }
}
