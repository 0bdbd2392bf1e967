import { parse, YAMLMap, type YAMLSeq } from 'yaml';

/** A template as CloudFormation reads it: short forms of functions are long ones. */
export interface Template {
  Metadata?: Record<string, unknown>;
  Parameters: Record<string, Parameter>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown; Condition?: string }>;
}

export interface Parameter {
  Type: 'String' | 'Number' | 'CommaDelimitedList';
  Default?: string | number;
  AllowedPattern?: string;
  AllowedValues?: (string | number)[];
  MinValue?: number;
  MaxValue?: number;
}

export interface Resource {
  Type: string;
  Condition?: string;
  DependsOn?: string | string[];
  Properties: Record<string, unknown>;
}

const OF_LIST = ['If', 'Equals', 'Not', 'Join', 'Select', 'Split', 'And', 'Or', 'Sub'];

const customTags = [
  { tag: '!Ref', resolve: (value: string) => ({ Ref: value }) },
  { tag: '!Sub', resolve: (value: string) => ({ 'Fn::Sub': value }) },
  { tag: '!GetAtt', resolve: (value: string) => ({ 'Fn::GetAtt': value.split('.') }) },
  ...OF_LIST.map((name) => ({
    tag: `!${name}`,
    collection: 'seq' as const,
    resolve: (value: YAMLSeq | YAMLMap) => {
      const map = new YAMLMap();
      map.set(`Fn::${name}`, value);
      return map;
    },
  })),
];

export function parseTemplate(text: string): Template {
  const read = parse(text, { customTags }) as Partial<Template>;
  return { Parameters: {}, Conditions: {}, Resources: {}, Outputs: {}, ...read };
}

/** What names in a template stand for. */
export interface Scope {
  /** Parameters and pseudo parameters. */
  parameters: Record<string, string | string[]>;
  conditions: Record<string, unknown>;
  /** What `Ref` gives of a resource; undefined while it is not there. */
  id(resource: string): string | undefined;
  attribute(resource: string, name: string): string | undefined;
}

/** A reference to what is not there yet. */
export class NotThere extends Error {}

const NOTHING = Symbol('AWS::NoValue');

/** A value with its functions carried out. @throws NotThere */
export function evaluate(value: unknown, scope: Scope): unknown {
  const result = inner(value, scope);
  return result === NOTHING ? undefined : result;
}

function inner(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((each) => inner(each, scope)).filter((each) => each !== NOTHING);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const carried = FUNCTIONS[first[0]];
    if (carried !== undefined) return carried(first[1], scope);
    if (first[0].startsWith('Fn::')) throw new Error(`the fake knows no ${first[0]}`);
  }
  return Object.fromEntries(
    entries.map(([name, each]) => [name, inner(each, scope)]).filter(([, each]) => each !== NOTHING),
  );
}

const FUNCTIONS: Record<string, (argument: unknown, scope: Scope) => unknown> = {
  Ref: (name, scope) => refer(String(name), scope),
  'Fn::GetAtt': (path, scope) => {
    const [resource = '', ...name] = path as string[];
    return there(scope.attribute(resource, name.join('.')), `${resource}.${name.join('.')}`);
  },
  'Fn::Sub': (argument, scope) => {
    const [text, own] = Array.isArray(argument) ? (argument as [string, object]) : [argument, {}];
    const given = inner(own, scope) as Record<string, unknown>;
    return String(text).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name in given) return String(given[name]);
      const [resource = '', ...attribute] = name.split('.');
      if (attribute.length === 0) return String(refer(name, scope));
      return there(scope.attribute(resource, attribute.join('.')), name);
    });
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = argument as [string, unknown, unknown];
    return inner(holds(condition, scope) ? yes : no, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [a, b] = inner(argument, scope) as unknown[];
    return String(a) === String(b);
  },
  'Fn::Not': (argument, scope) => !(inner(argument, scope) as unknown[])[0],
  'Fn::And': (argument, scope) => (inner(argument, scope) as unknown[]).every((each) => each === true),
  'Fn::Or': (argument, scope) => (inner(argument, scope) as unknown[]).includes(true),
  'Fn::Join': (argument, scope) => {
    const [by, items] = inner(argument, scope) as [string, string[]];
    return items.join(by);
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = inner(argument, scope) as [string, string[]];
    return items[Number(index)];
  },
  'Fn::Split': (argument, scope) => {
    const [by, text] = inner(argument, scope) as [string, string];
    return text.split(by);
  },
};

function refer(name: string, scope: Scope): unknown {
  if (name === 'AWS::NoValue') return NOTHING;
  return scope.parameters[name] ?? there(scope.id(name), name);
}

function there<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new NotThere(name);
  return value;
}

export const holds = (condition: string, scope: Scope): boolean =>
  evaluate(scope.conditions[condition], scope) === true;
