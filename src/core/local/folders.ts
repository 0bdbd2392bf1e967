import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the local backend lives on this machine. */
export interface Folders {
  /** Sockets and the token; gone after a restart of the machine. Short: a socket's path has 104 bytes at most. */
  runtime: string;
  /** Journals, results, the backend's log. */
  state: string;
}

/**
 * The folders of this user, the same for every window, editor and terminal: the XDG places where they are set, else
 * each platform's own.
 */
export function localFolders(env: NodeJS.ProcessEnv = process.env): Folders {
  const home = homedir();
  const uid = process.getuid?.() ?? 0;
  if (process.platform === 'win32') {
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
    return { runtime: join(local, 'offload', 'run'), state: join(local, 'offload', 'state') };
  }
  const runtime = env['XDG_RUNTIME_DIR'];
  const state = env['XDG_STATE_HOME'];
  const ownState =
    process.platform === 'darwin'
      ? join(home, 'Library', 'Application Support', 'offload')
      : join(home, '.local', 'state', 'offload');
  return {
    runtime:
      runtime === undefined || runtime === ''
        ? join(tmpdir(), `offload-${String(uid)}`)
        : join(runtime, 'offload'),
    state: state === undefined || state === '' ? ownState : join(state, 'offload'),
  };
}
