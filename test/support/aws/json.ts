import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError, notOfTheModel } from './aws-error.ts';
import { checkShape, membersOf, operationModel } from './model.ts';
import type { Wire } from './wire.ts';

/** The AWS JSON 1.1 protocol: the operation in a header, JSON both ways. */
export const jsonWire = (client: object, prefix: string): Wire => ({
  read: ({ headers, body }) => {
    const [service, name = ''] = String(headers['x-amz-target']).split('.');
    if (service !== prefix) throw new AwsError('UnknownOperationException', String(service));
    if (headers['content-type'] !== 'application/x-amz-json-1.1') throw notOfTheModel('content-type');
    const { input } = operationModel(client, name);
    const value = JSON.parse(body.toString()) as object;
    checkShape(input, value, name);
    return { operation: name, input: value };
  },
  answer: (response, name, output) => {
    const { output: schema } = operationModel(client, name);
    const text = JSON.stringify(written(schema, output));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
  },
  refuse: (response, error) => {
    response.writeHead(error.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: error.code, message: error.message }));
  },
});

/** As it travels: times in seconds. What the model does not have is a mistake of the fake's. */
function written(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (schema.isListSchema())
    return (value as unknown[]).map((each) => written(schema.getValueSchema(), each));
  if (!schema.isStructSchema()) return value;
  const members = membersOf(schema);
  return Object.fromEntries(
    Object.entries(value as object).map(([name, each]) => {
      const member = members[name];
      if (member === undefined)
        throw new Error(`the fake answers ${schema.getName()}.${name}, which is not modelled`);
      return [name, each === undefined ? undefined : written(member, each)];
    }),
  );
}
