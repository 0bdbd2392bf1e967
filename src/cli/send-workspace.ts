import { join } from 'node:path';
import { displayPath } from '../core/changes/display.ts';
import { localFolders } from '../core/local/folders.ts';
import { privateFolder } from '../core/local/private-folder.ts';
import type { Sandbox } from '../core/sandbox.ts';
import { withoutSecrets, type FoundSecret } from '../core/workspace/find-secrets.ts';
import type { LeftOut } from '../core/workspace/left-out.ts';
import { prepareSnapshot, type PreparedSnapshot } from '../core/workspace/prepare.ts';
import { previewOf } from '../core/workspace/preview.ts';
import type { TakenSnapshot } from '../core/workspace/taken-snapshot.ts';
import { upload } from '../core/workspace/upload.ts';
import { secretScanner } from './local.ts';
import { say } from './say.ts';
import { Usage } from './usage.ts';

/** Paths that are named of those that stay behind for a reason; the rest is counted. */
const NAMED = 10;

/**
 * Sends the tree of a folder (an absolute path), having said what goes and what stays: how many files and bytes, and what
 * looks like a secret, which stays unless it is among `included`, paths as seen from the folder.
 * @throws OffloadError; Usage for an included path that is not in the tree
 */
export async function sendWorkspace(
  sandbox: Sandbox,
  root: string,
  included: ReadonlySet<string>,
): Promise<TakenSnapshot> {
  const cacheFolder = join(localFolders().state, 'workspaces');
  await privateFolder(cacheFolder);
  const prepare = (): Promise<PreparedSnapshot> =>
    prepareSnapshot({ roots: [{ path: root }], cacheFolder, scanner: secretScanner() });
  const { taken, secrets } = await prepare();
  checkIncluded(taken, included);
  const sent = withoutSecrets(taken, secrets, included);
  sayWhatGoes(root, sent, secrets, included);
  return await upload(sandbox, sent, {
    retake: async () => {
      const again = await prepare();
      say('A file has changed meanwhile: the folder is looked at again.');
      const retaken = withoutSecrets(again.taken, again.secrets, included);
      sayWhatGoes(root, retaken, again.secrets, included);
      return retaken;
    },
  });
}

function checkIncluded({ snapshot }: TakenSnapshot, included: ReadonlySet<string>): void {
  const paths = new Set(snapshot.entries.map(({ path }) => path));
  for (const path of included) {
    if (!paths.has(path))
      throw new Usage(`--include-secrets takes a path in the workspace, and "${path}" is none`);
  }
}

function sayWhatGoes(
  root: string,
  sent: TakenSnapshot,
  secrets: readonly FoundSecret[],
  included: ReadonlySet<string>,
): void {
  const { files, bytes, biggest, leftOut, notScanned } = previewOf(sent);
  const [count, size] = [files, bytes].map((number) => number.toLocaleString('en-US'));
  const [first] = biggest;
  const most = first === undefined || bytes === 0 ? '' : `, most of them in ${displayPath(first.path)}`;
  say(
    `sends ${String(count)} ${files === 1 ? 'file' : 'files'} (${String(size)} bytes${most}) of ${displayPath(root)}`,
  );
  for (const { path, what, line } of secrets) {
    const place = `${displayPath(path)}${line === undefined ? '' : `:${String(line)}`} looks like a secret (${what})`;
    say(
      included.has(path)
        ? `  sent all the same: ${place}`
        : `  left out: ${place}; --include-secrets sends it`,
    );
  }
  const others = leftOut.filter(({ reason }) => reason !== 'secret');
  for (const each of others.slice(0, NAMED)) say(`  left out: ${displayPath(each.path)} ${whyNot(each)}`);
  if (others.length > NAMED) say(`  … and ${String(others.length - NAMED)} more`);
  if (notScanned.length > 0) {
    const names = notScanned.slice(0, NAMED).map(displayPath).join(', ');
    say(`  too large to be looked through for secrets: ${names}${notScanned.length > NAMED ? ', …' : ''}`);
  }
}

function whyNot({ reason, detail }: LeftOut): string {
  if (reason === 'unreadable') return `cannot be read${detail === undefined ? '' : ` (${detail})`}`;
  return reason === 'name' ? 'has a name that cannot be sent' : 'is no file';
}
