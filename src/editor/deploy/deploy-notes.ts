import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeWhole } from '../../core/write-whole.ts';
import { OffloadError } from '../../protocol/error.ts';
import { DEPLOY_NOTES } from './folders.ts';
import { isSamePlace, parsePlace, type Place } from './place.ts';

/** Milliseconds after which what was left is not told of any more. */
const KEPT_MS = 30 * 24 * 3600_000;
/** Milliseconds that no deploy takes: a process of that id is another one by then. */
const LONGEST_MS = 12 * 3600_000;
/** A note that was offered once has another name: of several windows that begin at once, one gives it that. */
const OFFERED = '.offered.json';

const ENDS = ['failed', 'stopped'] as const;
const noteSchema = z.object({
  pid: z.int(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  place: z.unknown(),
  /** How it ended, where it did so before its window: then nobody is asked about it by themselves. */
  ended: z.optional(z.enum(ENDS)),
});

/** What an earlier deploy has left, since it did not come to its end. */
export interface LeftDeploy {
  place: Place;
  /** Absent where its window was closed. */
  ended?: (typeof ENDS)[number];
}

interface Found extends LeftDeploy {
  file: string;
  startedAt: number;
}

const folderOf = (state: string): string => join(state, DEPLOY_NOTES);
/** Of this process at a place: what it deploys next, elsewhere, takes nothing from what it has left there. */
const ownFile = (state: string, { account = 'any', region, stack }: Place): string =>
  join(folderOf(state), `${[process.pid, account, region, stack].join('.')}.json`);

/**
 * Notes that this process deploys, so that another window knows of it if this one is closed.
 * @param ended how it did, where that was not the end of its window
 * @throws OffloadError `deploy-failed` where it cannot be written
 */
export async function noteDeploying(
  state: string,
  { profile, region, stack, account }: Place,
  ended?: LeftDeploy['ended'],
): Promise<void> {
  const place = { profile, region, stack, account };
  const note = { pid: process.pid, startedAt: Date.now(), place, ended };
  try {
    await writeWhole(ownFile(state, place), JSON.stringify(note));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OffloadError('deploy-failed', `The deploy cannot be noted on this machine: ${why}`, {
      fix: `See that the disk is not full and that ${folderOf(state)} can be written to, and deploy again.`,
      cause,
    });
  }
}

/** Nothing is left of a place any more: it was deployed whole, or removed. What another process does there is its own. */
export async function forgetDeploys(state: string, place: Place): Promise<void> {
  const isOthers = (pid: number, startedAt: number): boolean => pid !== process.pid && goesOn(pid, startedAt);
  for (const left of await found(state, isOthers))
    if (isSamePlace(left.place, place)) await rm(left.file, { force: true });
}

/** What deploys have left that did not come to their end, the latest first, each place once. */
export async function leftDeploys(state: string): Promise<LeftDeploy[]> {
  const all = (await found(state)).sort((a, b) => b.startedAt - a.startedAt);
  return all
    .filter(({ place }, i) => all.findIndex((each) => isSamePlace(each.place, place)) === i)
    .map(({ place, ended }) => ({ place, ...(ended === undefined ? {} : { ended }) }));
}

/** The latest deploy that a closed window has left, where no window has offered yet to go on with it. */
export async function offerOnce(state: string): Promise<Place | undefined> {
  const all = (await found(state)).sort((a, b) => b.startedAt - a.startedAt);
  for (const { file, place, ended } of all) {
    if (ended !== undefined || file.endsWith(OFFERED)) continue;
    const isOurs = await rename(file, file.replace(/\.json$/, OFFERED)).then(
      () => true,
      () => false,
    );
    if (isOurs) return place;
  }
  return undefined;
}

/** The notes of processes that are no more, or that have ended their deploy. What is too old goes. */
async function found(state: string, isGoing = goesOn): Promise<Found[]> {
  const names = await readdir(folderOf(state)).catch(() => []);
  const read = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map((name) => readNote(join(folderOf(state), name), isGoing)),
  );
  return read.filter((each) => each !== undefined);
}

async function readNote(file: string, isGoing: typeof goesOn): Promise<Found | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const note = noteSchema.safeParse(parsed(text)).data;
  const place = parsePlace(note?.place);
  if (note === undefined || place === undefined || Date.now() - note.startedAt > KEPT_MS) {
    await rm(file, { force: true });
    return undefined;
  }
  const { pid, startedAt, ended } = note;
  if (ended !== undefined) return { file, startedAt, place, ended };
  return !file.endsWith(OFFERED) && isGoing(pid, startedAt) ? undefined : { file, startedAt, place };
}

/** Whether the process that deployed goes on: this window, or another one of this machine. */
function goesOn(pid: number, startedAt: number): boolean {
  if (pid === process.pid) return startedAt > Date.now() - process.uptime() * 1000;
  if (Date.now() - startedAt > LONGEST_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user is there, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
