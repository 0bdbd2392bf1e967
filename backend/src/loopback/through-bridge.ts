import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beyondSystem, isSafePrefix } from '../executors/prefix.ts';

/** The bridge's file, which the build puts beside this one's. */
const BRIDGE = fileURLToPath(new URL('bridge.mjs', import.meta.url));

/** Less of what the bridge does not need: it passes bytes on. Compilers reserve more memory than a box may have. */
const NODE_OPTIONS = ['--max-old-space-size=64', '--max-semi-space-size=1', '--jitless'];

/** How a program is started in a box. */
interface Started {
  argv: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Host paths that it needs, bound read-only at the same place. */
  readOnly: readonly string[];
}

/** The bridge as boxes have it, and the Node that runs it there. */
export interface Bridge {
  file: string;
  node: string;
  env: Readonly<Record<string, string>>;
  /** Host paths that both need, bound read-only at the same place. */
  readOnly: readonly string[];
}

/**
 * A program that is started by a bridge: a port of the box leads to a unix socket.
 * @param bridge the bridge, or its file on the host, which the backend's own Node runs
 */
export function throughBridge(
  { argv, env, readOnly }: Started,
  port: number,
  socket: string,
  bridge: string | Bridge = BRIDGE,
): Started {
  const { file, node, ...needs } = typeof bridge === 'string' ? hostBridge(bridge) : bridge;
  const { NODE_OPTIONS: nodeOptions, ...others } = env;
  return {
    argv: [node, ...NODE_OPTIONS, file, String(port), socket, '--', ...argv],
    env: {
      ...others,
      // The program's Node may be another one than the bridge's, and know other options.
      ...(nodeOptions === undefined ? {} : { OFFLOAD_NODE_OPTIONS: nodeOptions }),
      ...needs.env,
    },
    readOnly: [...new Set([...readOnly, ...needs.readOnly])],
  };
}

/** With the Node that runs this process, which may be an editor's binary that acts as one. */
function hostBridge(file: string): Bridge {
  const path = realpathSync(process.execPath);
  const isEditor = process.versions['electron'] !== undefined;
  // An editor's binary lies beside its libraries, Node's in a folder beside theirs.
  const folder = isEditor ? dirname(path) : dirname(dirname(path));
  return {
    file,
    node: path,
    readOnly: [...beyondSystem([isSafePrefix(folder) ? folder : path]), file],
    env: isEditor ? { ELECTRON_RUN_AS_NODE: '1' } : {},
  };
}
