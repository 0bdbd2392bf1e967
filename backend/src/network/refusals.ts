import { hostText, type Destination } from './destination.ts';
import type { Refused } from './reach.ts';

/** Hosts whose refusal is told. A program may ask for as many as it can name. */
const MAX_TOLD = 50;

/** Why a destination is refused, in words, for the program and for the user. */
export function refusalText(destination: Destination, { kind }: Refused, setting: string): string {
  const host = hostText(destination);
  switch (kind) {
    case 'not-allowed':
      return `${host} was refused; allow it by --network ${host}, or in the setting "${setting}".`;
    case 'not-public':
      return `${host} was refused: it is this machine or on a private network, which no run can reach.`;
    case 'model':
      return `${host} was refused: the model is reached by the relay alone.`;
  }
}

/** Tells of each host that was refused, once. */
export class Refusals {
  readonly #told = new Set<string>();
  readonly #tell: (message: string) => void;

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  add({ host }: Destination, text: string): void {
    if (this.#told.has(host) || this.#told.size > MAX_TOLD) return;
    this.#told.add(host);
    this.#tell(this.#told.size > MAX_TOLD ? 'Network: further hosts were refused.' : `Network: ${text}`);
  }
}
