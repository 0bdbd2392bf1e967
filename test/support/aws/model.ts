import { NormalizedSchema } from '@smithy/core/schema';
import { notOfTheModel } from './aws-error.ts';

/** A schema of the SDK's: what it was generated with from the service's model. */
export type Schema = Parameters<(typeof NormalizedSchema)['of']>[0];

/** An operation of a service as the SDK describes it: its name and traits, and the shapes of both sides. */
export interface OperationModel {
  name: string;
  http: readonly [method: string, path: string, status: number] | undefined;
  input: NormalizedSchema;
  output: NormalizedSchema;
}

type OperationSchema = readonly [9, string, string, object | number, Schema, Schema];

/**
 * The model of an operation, out of what a client's package exports.
 * @throws AwsError for an operation that the service does not have
 */
export function operationModel(client: object, name: string): OperationModel {
  const schema = (client as Record<string, unknown>)[`${name}$`] as OperationSchema | undefined;
  if (schema?.[0] !== 9) throw notOfTheModel(`operation ${name}`);
  const traits = typeof schema[3] === 'object' ? (schema[3] as { http?: [string, string, number] }) : {};
  return {
    name,
    http: traits.http,
    input: NormalizedSchema.of(schema[4]),
    output: NormalizedSchema.of(schema[5]),
  };
}

/** The members of a structure, with their schemas. */
export const membersOf = (schema: NormalizedSchema): Record<string, NormalizedSchema> =>
  Object.fromEntries(schema.structIterator());

/** The names of the members that a request must have. The SDK lists them first, and says how many they are. */
function requiredOf(schema: NormalizedSchema): string[] {
  const raw = schema.getSchema() as readonly unknown[];
  const count = typeof raw[6] === 'number' ? raw[6] : 0;
  return Object.keys(membersOf(schema)).slice(0, count);
}

/** Throws unless a value is of the shape: no member too many, none missing, each of its type. */
export function checkShape(schema: NormalizedSchema, value: unknown, at: string): void {
  if (schema.isStructSchema()) {
    const given = asRecord(value, at);
    const members = membersOf(schema);
    for (const [name, each] of Object.entries(given)) {
      const member = members[name];
      if (member === undefined) throw notOfTheModel(`${at}.${name}`);
      checkShape(member, each, `${at}.${name}`);
    }
    for (const name of requiredOf(schema)) {
      if (given[name] === undefined) throw notOfTheModel(`${at} without ${name}`);
    }
  } else if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw notOfTheModel(at);
    value.forEach((each, i) => checkShape(schema.getValueSchema(), each, `${at}[${String(i)}]`));
  } else if (schema.isMapSchema()) {
    for (const [key, each] of Object.entries(asRecord(value, at))) {
      checkShape(schema.getValueSchema(), each, `${at}.${key}`);
    }
  } else if (!isScalar(schema, value)) throw notOfTheModel(at);
}

function isScalar(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isNumericSchema() || schema.isBigIntegerSchema()) return typeof value === 'number';
  if (schema.isTimestampSchema()) return value instanceof Date || typeof value === 'number';
  if (schema.isBlobSchema()) return value instanceof Uint8Array || typeof value === 'string';
  return typeof value === 'string';
}

function asRecord(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notOfTheModel(at);
  return value as Record<string, unknown>;
}
