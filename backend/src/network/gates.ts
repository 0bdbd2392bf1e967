import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isOpen, type Network } from '../../../src/protocol/network.ts';
import { putCertificates } from './certificates.ts';
import { parseDestination, type Destination } from './destination.ts';
import { startGate } from './gate.ts';
import { HOST_RULES, type NetworkRules } from './reach.ts';

/** The gate's socket in its folder: unix sockets have short paths. */
export const GATE_SOCKET = 's';

export interface GateWish {
  network: Network;
  setting: 'offload.network' | 'offload.task.network';
  /** The address of the model, where there is one. */
  model?: string | undefined;
  onRefused: (message: string) => void;
}

/** A gate of a run, and the folder by which its boxes have it. */
export interface RunGate {
  folder: string;
  close(): Promise<void>;
}

/** Makes the gates of runs. */
export class Gates {
  readonly #folder: string;
  readonly #rules: NetworkRules;
  #made = 0;

  /** @param folder a folder of the backend's own, which everyone may enter */
  constructor(folder: string, rules: NetworkRules = HOST_RULES) {
    this.#folder = folder;
    this.#rules = rules;
  }

  /** Opens the gate of a run; undefined where its network is closed. */
  async open({ network, model, setting, onRefused }: GateWish): Promise<RunGate | undefined> {
    if (!isOpen(network)) return undefined;
    const folder = join(this.#folder, String(this.#made++));
    mkdirSync(folder, { mode: 0o711 });
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    try {
      putCertificates(folder, process.env);
      const gate = await startGate({
        network,
        model: model === undefined ? undefined : destinationOf(model),
        rules: this.#rules,
        socket: join(folder, GATE_SOCKET),
        setting,
        onRefused,
      });
      return {
        folder,
        close: async () => {
          await gate.close();
          remove();
        },
      };
    } catch (error) {
      remove();
      throw error;
    }
  }
}

/** Where an http or https address leads. */
function destinationOf(address: string): Destination | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, port, protocol } = new URL(address);
  return parseDestination(`${hostname}:${port === '' ? (protocol === 'http:' ? '80' : '443') : port}`);
}
