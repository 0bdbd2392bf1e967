import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../disk-full.ts';

const FREE = 'free';
const HELD_BY = 'by:';

/**
 * Says that a folder is in use, to all servers of a user: a link `lock.<n>`, which is made in one step and names its
 * owner. The highest number counts, and whoever takes over what is free, or what a dead server has left, makes the next
 * one: of several who try at once, one can.
 */
export class SessionLock {
  readonly #folder: string;
  readonly #number: number;

  private constructor(folder: string, number: number) {
    this.#folder = folder;
    this.#number = number;
  }

  /** Undefined where it is in use. The file system's error where the folder is not there. */
  static async take(
    folder: string,
    owner: string,
    isAlive: (owner: string) => boolean | Promise<boolean>,
  ): Promise<SessionLock | undefined> {
    const highest = highestOf(folder);
    const holder = highest === 0 ? undefined : holderOf(folder, highest);
    if (holder !== undefined && (await isAlive(holder))) return undefined;
    const lock = new SessionLock(folder, highest + 1);
    try {
      symlinkSync(HELD_BY + owner, lock.#path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return undefined;
      throw error;
    }
    // Another one may have taken, used and tidied up meanwhile: then a higher number was there before this one.
    if (highestOf(folder) > lock.#number) {
      rmSync(lock.#path, { force: true });
      return undefined;
    }
    for (const number of numbersOf(folder))
      if (number < lock.#number) rmSync(pathOf(folder, number), { force: true });
    return lock;
  }

  /** Lets others take it. Where the disk takes no more, or the folder is gone, they can once this server has ended. */
  release(): void {
    const free = join(this.#folder, `${FREE}.${randomBytes(8).toString('hex')}`);
    try {
      symlinkSync(FREE, free);
      renameSync(free, this.#path);
    } catch {
      rmSync(free, { force: true });
    }
  }

  get #path(): string {
    return pathOf(this.#folder, this.#number);
  }
}

function holderOf(folder: string, number: number): string | undefined {
  try {
    const target = readlinkSync(pathOf(folder, number));
    return target.startsWith(HELD_BY) ? target.slice(HELD_BY.length) : undefined;
  } catch (error) {
    // Tidied up by whoever has the next one.
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const pathOf = (folder: string, number: number): string => join(folder, `lock.${String(number)}`);

const highestOf = (folder: string): number => Math.max(0, ...numbersOf(folder));

const numbersOf = (folder: string): number[] =>
  readdirSync(folder).flatMap((name) => {
    const number = /^lock\.(\d{1,15})$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
