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

/** A program that is started by a bridge, which the backend's own Node runs: a port of the box leads to a unix socket. */
export function throughBridge(
  { argv, env, readOnly }: Started,
  port: number,
  socket: string,
  bridge = BRIDGE,
): Started {
  const node = ownNode();
  const { NODE_OPTIONS: nodeOptions, ...others } = env;
  return {
    argv: [node.path, ...NODE_OPTIONS, bridge, String(port), socket, '--', ...argv],
    env: {
      ...others,
      // The program's Node may be another one than the bridge's, and know other options.
      ...(nodeOptions === undefined ? {} : { OFFLOAD_NODE_OPTIONS: nodeOptions }),
      ...node.env,
    },
    readOnly: [...new Set([...readOnly, ...node.readOnly, bridge])],
  };
}

/** The Node that runs this process, which may be an editor's binary that acts as one. */
function ownNode(): { path: string; readOnly: string[]; env: Record<string, string> } {
  const path = realpathSync(process.execPath);
  const isEditor = process.versions['electron'] !== undefined;
  // An editor's binary lies beside its libraries, Node's in a folder beside theirs.
  const folder = isEditor ? dirname(path) : dirname(dirname(path));
  return {
    path,
    readOnly: beyondSystem([isSafePrefix(folder) ? folder : path]),
    env: isEditor ? { ELECTRON_RUN_AS_NODE: '1' } : {},
  };
}
