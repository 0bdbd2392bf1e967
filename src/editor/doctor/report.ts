import type { Check } from '../../core/doctor.ts';
import { editorWords } from '../report/editor-words.ts';
import { plainText } from '../plain-text.ts';
import { commandLine, type Remedy } from '../report/remedy.ts';

/** A check with the buttons that do what its fix says. */
export interface DoctorCheck extends Check {
  remedies: readonly Remedy[];
}

/** The report as a text, and on which line which buttons belong. */
export interface Report {
  text: string;
  /** Lines counted from 0. */
  buttons: readonly { line: number; remedy: Remedy }[];
}

/** The buttons for what a fix says to type. */
export function typedRemedies(fix: string | undefined): Remedy[] {
  const line = commandLine(fix ?? '');
  if (line === undefined) return [];
  return [
    { kind: 'terminal', label: '$(terminal) Type it in a terminal', line },
    { kind: 'copy', label: '$(copy) Copy the command', line },
  ];
}

/** What needs attention comes first, the rest in its order. */
export function doctorReport(checks: readonly DoctorCheck[], about: readonly string[]): Report {
  const bad = checks.filter(({ ok }) => !ok);
  const lines = ['Offload Doctor', '', headline(bad.length, checks.length), ''];
  const buttons: { line: number; remedy: Remedy }[] = [];
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, ok, detail, fix, remedies } of [...bad, ...checks.filter((check) => check.ok)]) {
    for (const remedy of remedies) buttons.push({ line: lines.length, remedy });
    lines.push(`${ok ? '✓' : '✗'} ${name.padEnd(width)}  ${oneLine(detail)}`);
    if (!ok)
      lines.push(
        `  ${' '.repeat(width)}  ${fix === undefined ? '' : `What to do: ${oneLine(fix)}`}`.trimEnd(),
      );
  }
  lines.push('', ...about.map(oneLine), '');
  return { text: lines.join('\n'), buttons };
}

const headline = (bad: number, all: number): string =>
  bad === 0
    ? `All ${String(all)} checks are well: code can run in the sandbox.`
    : `${String(bad)} of ${String(all)} checks ${bad === 1 ? 'needs' : 'need'} attention.`;

const oneLine = (text: string): string => plainText(editorWords(text)).replace(/\s*\n\s*/g, ' ');
