import type { ToolBlock } from '../state/block.ts';

/** A named part of a tool's input, as text. */
export interface InputPart {
  name: string;
  text: string;
}

/** Characters of one part that are shown: a written file may be megabytes. */
const MAX_SHOWN = 20_000;

/** What a tool was given, part by part; while it forms, as far as it has. */
export function toolInput(tool: ToolBlock): InputPart[] {
  if (!tool.hasInput) return tool.forming === '' ? [] : [{ name: 'Input', text: cut(tool.forming) }];
  if (typeof tool.input !== 'object' || tool.input === null || Array.isArray(tool.input)) {
    return tool.input === undefined ? [] : [{ name: 'Input', text: cut(asText(tool.input)) }];
  }
  return Object.entries(tool.input).map(([name, value]) => ({ name, text: cut(asText(value)) }));
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);

const cut = (text: string): string =>
  text.length <= MAX_SHOWN
    ? text
    : `${text.slice(0, MAX_SHOWN)}\n… ${(text.length - MAX_SHOWN).toLocaleString('en')} more characters`;
