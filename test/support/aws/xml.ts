import type { NormalizedSchema } from '@smithy/core/schema';
import { membersOf } from './model.ts';

const NAMES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};
export const escapeXml = (text: string): string => text.replace(/[&<>"\r]/g, (each) => NAMES[each] ?? each);

export const unescapeXml = (text: string): string =>
  text.replace(/&(#x?[0-9a-fA-F]+|amp|lt|gt|quot|apos);/g, (whole, name: string) => {
    if (name.startsWith('#x')) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name] ?? whole;
  });

/** The members of a structure as AWS writes them in XML: lists wrapped in `member` unless the model says flat. */
export function writeMembers(schema: NormalizedSchema, value: object): string {
  const members = membersOf(schema);
  return Object.entries(value as Record<string, unknown>)
    .map(([name, each]) => {
      if (each === undefined) return '';
      const member = members[name];
      if (member === undefined)
        throw new Error(`the fake answers ${schema.getName()}.${name}, which is not modelled`);
      const traits = member.getMergedTraits();
      if (traits.httpHeader !== undefined) return '';
      return writeNamed(traits.xmlName ?? name, member, each);
    })
    .join('');
}

function writeNamed(name: string, schema: NormalizedSchema, value: unknown): string {
  if (schema.isListSchema()) {
    const of = schema.getValueSchema();
    const { xmlFlattened } = schema.getMergedTraits();
    const items = value as unknown[];
    if (xmlFlattened) return items.map((each) => writeNamed(name, of, each)).join('');
    const own = of.getMergedTraits().xmlName ?? 'member';
    return `<${name}>${items.map((each) => writeNamed(own, of, each)).join('')}</${name}>`;
  }
  if (schema.isStructSchema()) return `<${name}>${writeMembers(schema, value as object)}</${name}>`;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return `<${name}>${escapeXml(text)}</${name}>`;
}
