import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { toContent } from '../core/program/content.ts';
import { OffloadError } from '../protocol/error.ts';
import { MAX_PROMPT_BYTES } from '../protocol/task.ts';
import { MAX_CODE_BYTES, MAX_REQUEST_BYTES, type InputFile } from '../protocol/request.ts';
import { Usage } from './usage.ts';

const MIB = 1024 * 1024;

/** Where a file stands in the sandbox: at its path from here, or by its name where it lies elsewhere. */
export function sentPath(file: string): string {
  const way = relative(process.cwd(), resolve(file));
  return isAbsolute(way) || way === '..' || way.startsWith(`..${sep}`)
    ? basename(file)
    : way.split(sep).join('/');
}

/** Reads the files that go along, each once. @throws Usage when two would stand in one place, OffloadError */
export async function inputFiles(files: readonly string[]): Promise<InputFile[]> {
  const places = new Map<string, string>();
  for (const file of files) {
    const place = sentPath(file);
    const other = places.get(place);
    if (other !== undefined && resolve(other) !== resolve(file)) {
      throw new Usage(
        `${other} and ${file} would both be ${place} in the sandbox: run from a folder above both`,
      );
    }
    places.set(place, file);
  }
  return Promise.all([...places.values()].map(inputFile));
}

async function inputFile(file: string): Promise<InputFile> {
  const stats = await stat(file).catch((cause: unknown) => unreadable(file, cause));
  if (!stats.isFile()) throw new OffloadError('bad-request', `${file} is not a file.`);
  if (stats.size > MAX_REQUEST_BYTES) throw tooLarge(`${file} takes ${megabytes(stats.size)} MB`);
  const bytes = await readFile(file).catch((cause: unknown) => unreadable(file, cause));
  return { path: sentPath(file), mode: stats.mode & 0o777, content: toContent(bytes) };
}

/** The program on our standard input. @throws OffloadError where there is none, or it is no text, or too much */
export async function codeFromStdin(): Promise<string> {
  const what = 'The program on standard input';
  const content = toContent(await atMost(MAX_CODE_BYTES, process.stdin, what));
  if (!('text' in content)) throw new OffloadError('bad-request', `${what} is not UTF-8 text.`);
  if (content.text.trim() !== '') return content.text;
  throw new OffloadError('bad-request', 'There is no program on standard input.');
}

/** The prompt on our standard input. @throws OffloadError where there is none, or it is no text, or too much */
export async function promptFromStdin(): Promise<string> {
  const what = 'The prompt on standard input';
  const content = toContent(await atMost(MAX_PROMPT_BYTES, process.stdin, what));
  if (!('text' in content)) throw new OffloadError('bad-request', `${what} is not UTF-8 text.`);
  if (content.text.trim() !== '') return content.text;
  throw new OffloadError('bad-request', 'There is no prompt on standard input.');
}

/** What the program reads: the bytes of a file, or with "-" those of our standard input. @throws OffloadError */
export async function programInput(path: string): Promise<Buffer> {
  if (path === '-') return atMost(MAX_REQUEST_BYTES, process.stdin, 'Standard input');
  return atMost(MAX_REQUEST_BYTES, createReadStream(path), path).catch((cause: unknown) =>
    unreadable(path, cause),
  );
}

/** All bytes of a stream that may have no end. @throws OffloadError `too-large` */
async function atMost(max: number, stream: NodeJS.ReadableStream, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > max) throw tooLarge(`${what} takes more than ${megabytes(max)} MB`, max);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const megabytes = (bytes: number): string => String(Math.ceil(bytes / MIB));

const tooLarge = (what: string, max = MAX_REQUEST_BYTES): OffloadError =>
  new OffloadError('too-large', `${what}; ${megabytes(max)} MB can be sent.`);

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission is denied',
  EISDIR: 'it is a folder',
};

/** Says why a file cannot be read. @throws OffloadError `bad-request` */
export function unreadable(file: string, cause: unknown): never {
  if (cause instanceof OffloadError) throw cause;
  const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = REASONS[errno] ?? String(cause);
  throw new OffloadError('bad-request', `${file} cannot be read: ${why}.`, { cause });
}
