import type * as vscode from 'vscode';
import * as z from 'zod/mini';

const keyPlaceSchema = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('anthropic') }),
  z.object({ provider: z.literal('subscription') }),
  z.object({ provider: z.literal('compatible'), baseUrl: z.string() }),
]);
/** What a key opens: a provider's own endpoint, or a compatible one at an address. */
export type KeyPlace = z.infer<typeof keyPlaceSchema>;

/** Where VS Code keeps the list of places, which are no secrets and cannot be listed in its store. */
const PLACES = 'offload.keyPlaces';

/**
 * The keys of models in VS Code's secret store, which is the user's and on this machine. The key of an address is kept for
 * that address, so that none is ever sent to another.
 */
export class KeyStore {
  readonly #secrets: vscode.SecretStorage;
  readonly #memory: vscode.Memento;
  /** Fires when a key is set or removed, in another window too. */
  readonly onDidChange: vscode.Event<unknown>;

  constructor({ secrets, globalState }: Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>) {
    this.#secrets = secrets;
    this.onDidChange = secrets.onDidChange;
    this.#memory = globalState;
  }

  async get(place: KeyPlace): Promise<string | undefined> {
    return this.#secrets.get(nameOf(place));
  }

  async set(place: KeyPlace, key: string): Promise<void> {
    await this.#secrets.store(nameOf(place), key);
    await this.#memory.update(PLACES, [...this.#others(place), place]);
  }

  async remove(place: KeyPlace): Promise<void> {
    await this.#secrets.delete(nameOf(place));
    await this.#memory.update(PLACES, this.#others(place));
  }

  /** The places that have a key. */
  async places(): Promise<KeyPlace[]> {
    const kept = await Promise.all(this.#all.map(async (place) => ((await this.get(place)) ? [place] : [])));
    return kept.flat();
  }

  get #all(): KeyPlace[] {
    const kept = z.array(keyPlaceSchema).safeParse(this.#memory.get(PLACES));
    return kept.success ? kept.data : [];
  }

  #others(place: KeyPlace): KeyPlace[] {
    return this.#all.filter((each) => nameOf(each) !== nameOf(place));
  }
}

const nameOf = (place: KeyPlace): string =>
  `offload.key.${place.provider}${place.provider === 'compatible' ? `:${place.baseUrl}` : ''}`;

/** A place in words. */
export const placeName = (place: KeyPlace): string =>
  ({
    anthropic: 'Anthropic API',
    subscription: 'Claude subscription',
    compatible: place.provider === 'compatible' ? place.baseUrl : '',
  })[place.provider];
