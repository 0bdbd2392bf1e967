import { BOX_WORKSPACE } from '../../protocol/workspace-folder.ts';

const BOX_ROOT = `${BOX_WORKSPACE}/`;
/** A longer line is not looked at. */
const MAX_LINE = 4000;

/** A place in a file that a line of output names. */
export interface Location {
  /** Where it stands in the line, in characters. */
  start: number;
  length: number;
  /** The file, from the workspace's root. */
  path: string;
  /** Counted from 1. */
  line: number;
  /** Counted from 1. */
  column?: number;
}

/** Python: `File "/workspace/a.py", line 3`. */
const PYTHON = /File "(?<path>[^"]+)", line (?<line>\d+)/g;
/** Node and most others: `/workspace/a.js:3:5`, also as a file URL. A path may hold spaces. */
const COLON = /(?<url>file:\/\/)?(?<path>\/workspace\/.*?):(?<line>\d+)(?::(?<column>\d+))?/g;
/** Bash: `a.sh: line 3:`. */
const BASH = /^(?<path>[^:]+): line (?<line>\d+):/g;

/** The places in files of the run's workspace that a line of output names. Whether the files exist is not looked at. */
export function findLocations(text: string): Location[] {
  if (text.length > MAX_LINE) return [];
  return [PYTHON, COLON, BASH].flatMap((pattern) => [...text.matchAll(pattern)].flatMap(toLocation));
}

function toLocation(match: RegExpExecArray): Location[] {
  const { path, line, column, url } = match.groups ?? {};
  const inside = path === undefined ? undefined : insideBox(url === undefined ? path : decoded(path));
  if (inside === undefined) return [];
  const start = match.index + (match[0].startsWith('File "') ? 'File '.length : 0);
  const length = match.index + match[0].replace(/:$/, '').length - start;
  return [
    {
      start,
      length,
      path: inside,
      line: Number(line),
      ...(column === undefined ? {} : { column: Number(column) }),
    },
  ];
}

/** A path from the workspace's root; undefined for one outside of it. */
function insideBox(path: string): string | undefined {
  const relative = path.startsWith(BOX_ROOT) ? path.slice(BOX_ROOT.length) : path;
  if (relative.startsWith('/') || relative === '') return undefined;
  return relative.replace(/^\.\//, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
