import type { ToolUpdate } from './messages.ts';

/** Characters of a title at most. */
const MAX_TITLE = 160;

/** What a kind of tool does. */
const VERBS: Readonly<Record<string, string>> = {
  execute: 'Run',
  read: 'Read',
  edit: 'Edit',
  delete: 'Delete',
  move: 'Move',
  search: 'Search',
  fetch: 'Fetch',
};

export interface Titled {
  name: string;
  title: string | undefined;
  kind: string | undefined;
  /** The first file that it has to do with. */
  path: string | undefined;
}

/** The protocol has titles for people and kinds, but no names: what a tool is called when its use begins, or its kind. */
export function toolName({ title, kind }: ToolUpdate): string {
  if (title !== undefined && /^[\w.-]{1,64}$/.test(title)) return title;
  return kind === undefined || kind === 'other' ? 'tool' : kind.slice(0, 64);
}

/** A line for people that says what a tool is used for; paths from the workspace's root. */
export function toolTitle({ name, title, kind, path }: Titled, workspace: string): string {
  const verb = kind !== undefined && Object.hasOwn(VERBS, kind) ? VERBS[kind] : undefined;
  const says = title === name ? undefined : title;
  const isSentence = says !== undefined && kind !== 'execute';
  const what = says ?? path ?? (verb === undefined ? undefined : name);
  const line = isSentence ? says : [verb ?? name, ...(what === undefined ? [] : [what])].join(' ');
  return (line.replaceAll(`${workspace}/`, '').split('\n', 1)[0] ?? '').slice(0, MAX_TITLE);
}
