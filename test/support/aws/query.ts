import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError, notOfTheModel } from './aws-error.ts';
import { checkShape, membersOf, operationModel } from './model.ts';
import { escapeXml, writeMembers } from './xml.ts';
import type { Wire } from './wire.ts';

/** The AWS Query protocol: a form in, XML out. */
export const queryWire = (client: object, version: string): Wire => ({
  read: ({ body }) => {
    const form = new URLSearchParams(body.toString());
    if (form.get('Version') !== version) throw notOfTheModel(`Version ${String(form.get('Version'))}`);
    const name = form.get('Action') ?? '';
    const model = operationModel(client, name);
    form.delete('Version');
    form.delete('Action');
    const input = readValue(model.input, treeOf(form), name);
    checkShape(model.input, input, name);
    return { operation: name, input: input as object };
  },
  answer: (response, name, output, requestId) => {
    const { output: schema } = operationModel(client, name);
    const result = writeMembers(schema, output);
    const text =
      `<${name}Response><${name}Result>${result}</${name}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`;
    response.writeHead(200, { 'content-type': 'text/xml' }).end(text);
  },
  refuse: (response, error, requestId) => {
    response.writeHead(error.status, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${error.code}</Code>` +
        `<Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    );
  },
});

/** `a.b.1.c=d`, as a tree. */
type Tree = string | { [name: string]: Tree };

function treeOf(form: URLSearchParams): Tree {
  const root: Record<string, Tree> = {};
  for (const [path, value] of form) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at = root;
    for (const name of names) {
      const next = (at[name] ??= {});
      if (typeof next === 'string') throw new AwsError('MalformedInput', path);
      at = next;
    }
    at[last] = value;
  }
  return root;
}

function readValue(schema: NormalizedSchema, tree: Tree, at: string): unknown {
  if (typeof tree === 'string') {
    if (schema.isBooleanSchema()) return tree === 'true' ? true : tree === 'false' ? false : tree;
    if (schema.isNumericSchema()) return Number(tree);
    if (schema.isListSchema() && tree === '') return [];
    return tree;
  }
  if (schema.isListSchema()) {
    const items = tree['member'] ?? tree;
    if (typeof items === 'string') throw notOfTheModel(at);
    return Object.keys(items)
      .sort((a, b) => Number(a) - Number(b))
      .map((key) => readValue(schema.getValueSchema(), items[key] ?? '', `${at}.${key}`));
  }
  if (!schema.isStructSchema()) throw notOfTheModel(at);
  const members = membersOf(schema);
  return Object.fromEntries(
    Object.entries(tree).map(([name, each]) => {
      const member = members[name];
      if (member === undefined) throw notOfTheModel(`${at}.${name}`);
      return [name, readValue(member, each, `${at}.${name}`)];
    }),
  );
}
