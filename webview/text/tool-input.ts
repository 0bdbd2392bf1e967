import type { ToolBlock } from '../state/block.ts';

/** A named part of a tool's input, as text. */
export interface InputPart {
  name: string;
  text: string;
  /** Whether there is more of it. */
  isCut: boolean;
}

/** Characters of one part that are shown: a written file may be megabytes. */
const MAX_SHOWN = 20_000;

/** What a tool was given, part by part; while it forms, as far as it has. */
export function toolInput(tool: ToolBlock): InputPart[] {
  if (!tool.hasInput) return tool.forming === '' ? [] : [part('Input', tool.forming)];
  if (typeof tool.input !== 'object' || tool.input === null || Array.isArray(tool.input)) {
    return tool.input === undefined ? [] : [part('Input', asText(tool.input))];
  }
  return Object.entries(tool.input).map(([name, value]) => part(name, asText(value)));
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

function part(name: string, text: string): InputPart {
  const more = text.length - MAX_SHOWN;
  if (more <= 0) return { name, text, isCut: false };
  return {
    name,
    text: `${text.slice(0, MAX_SHOWN)}\n… ${more.toLocaleString('en')} more characters`,
    isCut: true,
  };
}
