import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { displayPath } from '../../core/changes/display.ts';
import type { FoundSecret } from '../../core/workspace/find-secrets.ts';
import { counted, size } from '../counted.ts';
import type { Dialogs } from '../dialogs.ts';

/** What looks like a secret, in a file that would be sent. */
export interface Secret extends FoundSecret {
  /** SHA-256 of the file's content. */
  readonly hash: string;
}

/** What would be sent. */
export interface Sending {
  files: number;
  bytes: number;
  /** The folders, for people. */
  folders: readonly string[];
  secrets: readonly Secret[];
  /** Files that are too large to be looked through for them. */
  notScanned: number;
  /** Where its standing instructions lie, if it has some. */
  standing: string | undefined;
  /** Where files leave this machine for, in words and by an id; absent where they stay on it. */
  destination?: { id: string; name: string } | undefined;
}

/** What the user has agreed to for a workspace. */
const agreementSchema = z.object({
  /** Milliseconds since 1970. */
  at: z.number(),
  /** Files with secrets that were asked about: those that may be sent, as long as they are what they were then. */
  sent: z.array(z.object({ path: z.string(), hash: z.string() })),
  /** Paths of those that stay, whatever becomes of them. */
  kept: z.array(z.string()),
});
export type Agreement = z.infer<typeof agreementSchema>;

const KEY = 'offload.agreedToSend';

/** An agreement is for one destination: that to this machine's sandbox says nothing of another. */
const keyFor = (destination: Sending['destination']): string =>
  destination === undefined ? KEY : `${KEY}:${destination.id}`;

/** What was agreed to, where that is so. */
export function agreement(
  memory: vscode.Memento,
  destination?: Sending['destination'],
): Agreement | undefined {
  const found = agreementSchema.safeParse(memory.get(keyFor(destination)));
  return found.success ? found.data : undefined;
}

/** From now on it is asked for again, wherever files go. */
export async function forgetAgreement(memory: vscode.Memento): Promise<void> {
  for (const key of memory.keys()) {
    if (key === KEY || key.startsWith(`${KEY}:`)) await memory.update(key, undefined);
  }
}

/** The paths of those files with secrets that may be sent: each by the content that the user has allowed. */
export const allowedPaths = (
  agreed: Agreement | undefined,
  secrets: readonly Secret[],
): ReadonlySet<string> =>
  new Set(
    secrets
      .filter(({ path, hash }) => agreed?.sent.some((file) => file.path === path && file.hash === hash))
      .map(({ path }) => path),
  );

/** Whether everything that a user would have to be asked about has been agreed to. */
function isCovered(agreed: Agreement, secrets: readonly Secret[]): boolean {
  const allowed = allowedPaths(agreed, secrets);
  return secrets.every(({ path }) => allowed.has(path) || agreed.kept.includes(path));
}

/**
 * Asks before files of a workspace are sent for the first time, and again when new secrets turn up in it or one that was
 * allowed has changed. Nothing is asked that has been answered.
 * @returns what is agreed to; undefined when the user does not want it
 */
export async function askConsent(
  { dialogs, memory }: { dialogs: Dialogs; memory: vscode.Memento },
  sending: Sending,
): Promise<Agreement | undefined> {
  const { destination } = sending;
  const agreed = agreement(memory, destination);
  if (agreed !== undefined && isCovered(agreed, sending.secrets)) return agreed;
  if (sending.files === 0 && sending.secrets.length === 0) return { at: Date.now(), sent: [], kept: [] };
  const paths = [...new Set(sending.secrets.map(({ path }) => path))];
  let sent = [...allowedPaths(agreed, sending.secrets)];
  const changed = (agreed?.sent ?? []).map(({ path }) => path).filter((path) => !sent.includes(path));
  for (;;) {
    const answer = await dialogs.ask({
      severity: 'warning',
      modal: true,
      message: `Send ${counted(sending.files, 'file')} (${size(sending.bytes)}) to ${destination?.name ?? 'the sandbox'}?`,
      detail: details(sending, sent, changed),
      buttons: ['Send', ...(paths.length > 0 ? [CHOOSE] : [])],
    });
    if (answer === CHOOSE) sent = (await chooseSecrets(dialogs, sending.secrets, sent)) ?? sent;
    else if (answer === undefined) return undefined;
    else break;
  }
  const hashes = new Map(sending.secrets.map(({ path, hash }) => [path, hash]));
  const now: Agreement = {
    at: Date.now(),
    sent: sent.map((path) => ({ path, hash: hashes.get(path) ?? '' })),
    kept: paths.filter((path) => !sent.includes(path)),
  };
  await memory.update(keyFor(destination), now);
  return now;
}

const CHOOSE = 'Choose Files with Secrets…';
/** Files with secrets that the question names. */
const MAX_NAMED = 8;

function details(
  { folders, secrets, notScanned, standing, destination }: Sending,
  sent: readonly string[],
  changed: readonly string[],
): string {
  const paths = [...new Set(secrets.map(({ path }) => path))];
  const lines = paths.slice(0, MAX_NAMED).map((path) => {
    const what = secrets.filter((each) => each.path === path).map((each) => each.what);
    const fate = sent.includes(path) ? 'will be sent' : 'stays here';
    const news = changed.includes(path) ? 'changed since you allowed it, ' : '';
    return `• ${displayPath(path)}: ${[...new Set(what)].join(', ')} (${news}${fate})`;
  });
  const more = paths.length - lines.length;
  return [
    `From ${folders.join(', ')}, with unsaved edits, without what .gitignore, .git/info/exclude and .offloadignore name. The agent reads them inside the sandbox, and what it reads goes to its model.`,
    ...(paths.length === 0
      ? ['Nothing in them looks like a secret.']
      : [
          `${counted(paths.length, 'file')} with what looks like a secret:`,
          [...lines, ...(more > 0 ? [`… and ${counted(more, 'file')} more`] : [])].join('\n'),
        ]),
    ...(notScanned === 0
      ? []
      : [`${counted(notScanned, 'file')} too large to be looked through for secrets will be sent.`]),
    ...(destination === undefined
      ? []
      : [`They leave this computer, and are kept in ${destination.name} until they expire there.`]),
    ...(standing === undefined ? [] : [`Every task here is told what is in ${standing}.`]),
    'You are asked once for this workspace, and again when new secrets turn up or a file with secrets that you allow changes.',
  ].join('\n\n');
}

async function chooseSecrets(
  dialogs: Dialogs,
  secrets: readonly Secret[],
  sent: readonly string[],
): Promise<string[] | undefined> {
  const items = [...new Set(secrets.map(({ path }) => path))].map((path) => ({
    label: displayPath(path).replaceAll('$(', '$ ('),
    description: [...new Set(secrets.filter((each) => each.path === path).map((each) => each.what))].join(
      ', ',
    ),
    picked: sent.includes(path),
    path,
  }));
  const chosen = await dialogs.pickSome(items, 'Files with Secrets', 'Tick those that may be sent');
  return chosen?.map(({ path }) => path);
}
