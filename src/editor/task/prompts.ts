/** A piece of a file that a prompt is about. */
export interface Excerpt {
  /** From the workspace's root, as the agent sees it; absent for what does not go along as a file. */
  path?: string | undefined;
  /** VS Code's id of the language. */
  languageId: string;
  /** The first line, counted from 1. */
  line: number;
  text: string;
}

/** What a diagnostic says. */
export interface Problem {
  severity: string;
  message: string;
  /** Who says it, with its code: `ts(2322)`. */
  source?: string | undefined;
}

/** Characters of code or output that a prompt quotes: the files themselves go along. */
const MAX_QUOTED = 32 * 1024;

/** The user's words, then what was selected. */
export const selectionPrompt = (words: string, excerpts: readonly Excerpt[]): string =>
  [words.trim(), ...excerpts.map((excerpt) => `This is about ${place(excerpt)}:\n\n${code(excerpt)}`)].join(
    '\n\n',
  );

/** Asks for a fix of what a tool says about a piece of code. */
export function problemPrompt(excerpt: Excerpt, problems: readonly Problem[]): string {
  const said = problems.map(({ severity, message, source }) => {
    const who = source === undefined ? severity : `${severity} of ${source}`;
    return `${who}:\n\n${fenced('', message)}`;
  });
  return [
    `Fix this in ${place(excerpt)}. Change what is wrong and as little else as possible, and see by running what there is (tests, type checks, the code itself) that it is fixed.`,
    ...said,
    `The code there:\n\n${code(excerpt)}`,
  ].join('\n\n');
}

/** A run that failed, and what its program said. */
export interface FailedRun {
  title: string;
  /** How it ended, in words. */
  outcome: string;
  /** The end of its error output. */
  stderr: string;
  /** What was run, where it is no file that goes along. */
  code?: Excerpt | undefined;
  entry?: string | undefined;
}

/** Asks for a fix of a program that failed. */
export function runPrompt({ title, outcome, stderr, code: run, entry }: FailedRun): string {
  const what = entry === undefined ? title : `\`${entry}\``;
  const output =
    stderr.trim() === ''
      ? 'It wrote nothing to its error output.'
      : `The end of its error output:\n\n${fenced('', stderr)}`;
  return [
    `Running ${what} failed: ${outcome}. Find the cause and fix it, and see by running it again that it is fixed.`,
    output,
    ...(run === undefined ? [] : [`What was run:\n\n${code(run)}`]),
  ].join('\n\n');
}

function place({ path, line, text }: Excerpt): string {
  if (path === undefined) return 'code that is in no file of the workspace';
  const last = line + text.replace(/\n$/, '').split('\n').length - 1;
  return `\`${path}\`, ${last === line ? `line ${String(line)}` : `lines ${String(line)} to ${String(last)}`}`;
}

const code = ({ languageId, text }: Excerpt): string => fenced(languageId, text);

/** A text in a fence that nothing in it can close. */
function fenced(languageId: string, text: string): string {
  const shown = text.length <= MAX_QUOTED ? text : `…${text.slice(-MAX_QUOTED)}`;
  const longest = Math.max(2, ...[...shown.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${languageId}\n${shown.replace(/\n$/, '')}\n${fence}`;
}
