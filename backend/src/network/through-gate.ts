import type { Limits } from '../../../src/protocol/limits.ts';
import type { BoxSpec } from '../isolation/box.ts';
import { throughBridge, type Bridge } from '../loopback/through-bridge.ts';
import { certificateVariables } from './certificates.ts';
import { GATE_SOCKET } from './gates.ts';

/** A port of the box's own loopback interface, below those that programs are given by the system. */
const GATE_PORT = 4118;
const PROXY = `http://127.0.0.1:${String(GATE_PORT)}`;
/** What the box itself has. */
const NOT_BY_PROXY = 'localhost,127.0.0.1,::1';

/** Programs read one or the other spelling, and curl the lower one alone; Node heeds them when it is told to. */
const VARIABLES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
      [name, PROXY],
      [name.toLowerCase(), PROXY],
    ]),
  ),
  NO_PROXY: NOT_BY_PROXY,
  no_proxy: NOT_BY_PROXY,
  NODE_USE_ENV_PROXY: '1',
};

const MIB = 1024 * 1024;

/** The limits of a box with a gate: the bridge is none of the program's processes. */
export const limitsBesideBridge = (limits: Limits): Limits => ({
  ...limits,
  memoryBytes: limits.memoryBytes + 96 * MIB,
  processes: limits.processes + 16,
});

/**
 * A program whose box has a gate: a bridge leads from a port of the box to the gate's socket, and the environment leads
 * programs to the port. What a request says of the environment counts more.
 * @param seen where the gate's folder is in the box
 */
export function throughGate(spec: BoxSpec, gate: string, seen: string, bridge?: string | Bridge): BoxSpec {
  const env = { ...VARIABLES, ...certificateVariables(gate, seen), ...spec.env };
  const started = throughBridge({ ...spec, env }, GATE_PORT, `${seen}/${GATE_SOCKET}`, bridge);
  // Node reserves more addresses than it uses.
  return { ...spec, ...started, memoryLimit: 'data' };
}
