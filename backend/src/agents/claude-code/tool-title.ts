import * as z from 'zod/mini';

/** Characters of a title at most. */
const MAX_TITLE = 160;

const inputSchema = z.record(z.string(), z.unknown());

type Title = [verb: string, ...fields: string[]];

/** What a use of a tool is called: a verb, and the first of these fields of its input that is there. */
const TITLES: Readonly<Record<string, Title>> = {
  Bash: ['Run', 'command'],
  Read: ['Read', 'file_path'],
  Write: ['Write', 'file_path'],
  Edit: ['Edit', 'file_path'],
  MultiEdit: ['Edit', 'file_path'],
  NotebookEdit: ['Edit', 'notebook_path'],
  Glob: ['Find', 'pattern'],
  Grep: ['Search', 'pattern'],
  Task: ['Delegate', 'description'],
  Agent: ['Delegate', 'description'],
  Skill: ['Use', 'skill', 'command'],
  TaskCreate: ['Plan', 'subject'],
  TaskUpdate: ['Update plan', 'status'],
  WebFetch: ['Fetch', 'url'],
  WebSearch: ['Search the web', 'query'],
};

/** A line for people that says what a tool is used for; paths from the workspace's root. */
export function toolTitle(name: string, input: unknown, workspace: string): string {
  const title = Object.hasOwn(TITLES, name) ? TITLES[name] : undefined;
  const fields = inputSchema.safeParse(input).data;
  if (title === undefined || fields === undefined) return name;
  const [verb, ...names] = title;
  const value = names.map((field) => fields[field]).find((each) => typeof each === 'string');
  if (value === undefined) return verb;
  const line = value.replaceAll(`${workspace}/`, '').split('\n', 1)[0] ?? '';
  return `${verb} ${line}`.slice(0, MAX_TITLE);
}
