import { crc32 } from 'node:zlib';

/**
 * What is known of a workspace's files from its last snapshot, by folder. The files of a folder are `count` from
 * `first` on, by their names in order; `rules` is a hash of the folder's own ignore rules.
 */
export interface KnownWorkspace {
  readonly folders: readonly KnownFolder[];
  readonly names: readonly string[];
  /** {@link STAMP} numbers of each file: size, mtimeMs, ctimeMs, ino. */
  readonly stamps: Float64Array;
  /** SHA-256 of each file in lower-case hexadecimal, without anything between. */
  readonly hashes: string;
}

export interface KnownFolder {
  /** As in the snapshot, with a slash at its end. */
  readonly path: string;
  readonly rules: string;
  readonly first: number;
  readonly count: number;
}

export const STAMP = 4;
export const HASH = 64;

export const NOTHING_KNOWN: KnownWorkspace = {
  folders: [],
  names: [],
  stamps: new Float64Array(0),
  hashes: '',
};

/** Any change to the layout changes this: what another version wrote is not read. */
const MAGIC = Buffer.from('offload workspace 1\n', 'latin1');
const SUM_AT = MAGIC.length;
const BODY_AT = SUM_AT + 4;

/**
 * The layout: the magic words; the CRC-32 of all that follows, which tells damage; as float64 in the machine's own byte
 * order the numbers of folders and files, the stamps, the number of files in each folder; the hashes of files and of
 * folders' rules; in UTF-8 with NUL between the names of files and the paths of folders. Read in a few calls, however
 * many files there are.
 */
export function encodeWorkspace({ folders, names, stamps, hashes }: KnownWorkspace): Buffer {
  const numbers = new Float64Array(2 + stamps.length + folders.length);
  numbers[0] = folders.length;
  numbers[1] = names.length;
  numbers.set(stamps, 2);
  for (const [index, { count }] of folders.entries()) numbers[2 + stamps.length + index] = count;
  const body = Buffer.concat([
    Buffer.from(numbers.buffer),
    Buffer.from(hashes + folders.map(({ rules }) => rules).join(''), 'latin1'),
    Buffer.from([...names, ...folders.map(({ path }) => path)].join('\0'), 'utf8'),
  ]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([MAGIC, sum, body]);
}

/** What {@link encodeWorkspace} wrote; undefined for anything else, one flipped bit included. */
export function decodeWorkspace(bytes: Buffer): KnownWorkspace | undefined {
  const body = bytes.subarray(BODY_AT);
  if (body.length < 16 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (crc32(body) !== bytes.readUInt32LE(SUM_AT)) return undefined;
  const [folderCount = 0, fileCount = 0] = numbersAt(body, 0, 2);
  const hashesAt = 8 * (2 + fileCount * STAMP + folderCount);
  const textAt = hashesAt + (fileCount + folderCount) * HASH;
  if (!Number.isSafeInteger(textAt) || folderCount < 1 || fileCount < 0 || textAt > body.length)
    return undefined;
  const text = body.toString('utf8', textAt).split('\0');
  if (text.length !== fileCount + folderCount) return undefined;
  const hashes = body.toString('latin1', hashesAt, textAt);
  const folders: KnownFolder[] = [];
  let first = 0;
  for (const [index, count] of numbersAt(body, 2 + fileCount * STAMP, folderCount).entries()) {
    if (!Number.isSafeInteger(count) || count < 0) return undefined;
    const at = fileCount + index;
    folders.push({ path: text[at] ?? '', rules: hashes.slice(at * HASH, (at + 1) * HASH), first, count });
    first += count;
  }
  if (first !== fileCount) return undefined;
  return {
    folders,
    names: text.slice(0, fileCount),
    stamps: numbersAt(body, 2, fileCount * STAMP),
    hashes: hashes.slice(0, fileCount * HASH),
  };
}

/** Numbers of a body, copied: a view of them would have to begin at a multiple of eight. */
function numbersAt(body: Buffer, from: number, count: number): Float64Array {
  const start = body.byteOffset + 8 * from;
  return new Float64Array(body.buffer.slice(start, start + 8 * count));
}
