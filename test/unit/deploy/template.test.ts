import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, SpecDatabase } from '@aws-cdk/service-spec-types';
import { MACHINES } from '../../../src/core/deploy/build.ts';
import { PARAMETERS } from '../../../src/core/deploy/change-set.ts';
import { parametersOf, parseBackendOptions } from '../../../src/core/deploy/options.ts';
import { parseTemplate, type Template } from '../../support/aws/cloudformation/template.ts';

const text = readFileSync(fileURLToPath(new URL('../../../backend/template.yaml', import.meta.url)), 'utf8');
const template: Template = parseTemplate(text);

type Json = Record<string, unknown>;
const FUNCTIONS = /^(Ref|Fn::\w+)$/;
const isFunction = (value: unknown): value is Json =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 1 &&
  FUNCTIONS.test(Object.keys(value)[0] ?? '');

/** What a value that depends on a condition may be. */
const branches = (value: unknown): unknown[] => {
  if (!isFunction(value) || value['Fn::If'] === undefined) return [value];
  return (value['Fn::If'] as unknown[]).slice(1).flatMap(branches);
};

/** Checks a value against AWS's own description of it; what functions give is known at deploy only. */
function check(db: SpecDatabase, type: PropertyType, value: unknown, at: string): void {
  for (const each of branches(value)) {
    if (isFunction(each)) continue;
    if (type.type === 'ref') {
      const definition = db.get('typeDefinition', type.reference.$ref);
      checkProperties(db, definition.properties, each, `${at} (${definition.name})`);
    } else if (type.type === 'array') {
      assert(Array.isArray(each), `${at} is no list`);
      each.forEach((item, i) => check(db, type.element, item, `${at}[${String(i)}]`));
    } else if (type.type === 'map') {
      for (const [key, item] of Object.entries(each as Json)) check(db, type.element, item, `${at}.${key}`);
    } else if (type.type === 'union') {
      const errors = type.types.flatMap((one) => {
        try {
          check(db, one, each, at);
          return [];
        } catch (error) {
          return [error];
        }
      });
      if (errors.length === type.types.length) throw errors[0];
    } else if (type.type === 'tag') {
      const { Key, Value, ...rest } = each as Json;
      assert(
        typeof Key === 'string' && Value !== undefined && Object.keys(rest).length === 0,
        `${at} is no tag`,
      );
    } else if (type.type === 'string') {
      assert.equal(typeof each, 'string', `${at} is no text`);
      if (type.allowedValues !== undefined)
        assert(type.allowedValues.includes(each as string), `${at}: ${String(each)}`);
    } else if (type.type === 'number' || type.type === 'integer')
      assert.equal(typeof each, 'number', `${at} is no number`);
    else if (type.type === 'boolean') assert.equal(typeof each, 'boolean', `${at} is neither true nor false`);
    else if (type.type === 'json') assert.equal(typeof each, 'object', `${at} is no document`);
    else assert.fail(`${at} has the type ${type.type}`);
  }
}

function checkProperties(
  db: SpecDatabase,
  known: Record<string, Property>,
  value: unknown,
  at: string,
): void {
  assert(typeof value === 'object' && value !== null, `${at} is no object`);
  for (const [name, each] of Object.entries(value as Json)) {
    const property = known[name];
    assert(property, `${at} has no property ${name}`);
    check(db, property.type, each, `${at}.${name}`);
  }
  for (const [name, { required }] of Object.entries(known)) {
    assert(required !== true || name in (value as Json), `${at} lacks ${name}`);
  }
}

/** Every name that functions refer to. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(references);
  return Object.entries(value).flatMap(([key, each]) => {
    if (key === 'Ref') return [String(each)];
    if (key === 'Fn::GetAtt') return [(each as string[]).join('.')];
    if (key === 'Fn::Sub') {
      const [source, own] = (Array.isArray(each) ? each : [each, {}]) as [string, Json];
      const names = [...source.matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name);
      return [...names.filter((name) => !(name in own)), ...references(own)];
    }
    if (key === 'Fn::If') return references((each as unknown[]).slice(1));
    return references(each);
  });
}

/** The network that is documented for runs without one, which is no part of the stack. */
const network = parseTemplate(
  readFileSync(fileURLToPath(new URL('../../../docs/closed-network.yaml', import.meta.url)), 'utf8'),
);

describe('the template of the stack', () => {
  let db: SpecDatabase;
  before(async () => {
    db = await loadAwsServiceSpec();
  });

  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    it(`has ${id} as AWS describes ${Type}`, () => {
      const [resource] = db.lookup('resource', 'cloudFormationType', 'equals', Type);
      assert(resource, `there is no ${Type}`);
      checkProperties(db, resource.properties, Properties, id);
    });
  }

  for (const [id, { Type, Properties }] of Object.entries(network.Resources)) {
    it(`is beside a network that has ${id} as AWS describes ${Type}`, () => {
      const [resource] = db.lookup('resource', 'cloudFormationType', 'equals', Type);
      assert(resource, `there is no ${Type}`);
      checkProperties(db, resource.properties, Properties, id);
      for (const name of references(Properties)) {
        const [first = ''] = name.split('.');
        const known = first in network.Parameters || first in network.Resources;
        assert(known || /^AWS::(StackName|Region|Partition|URLSuffix)$/.test(first), name);
      }
    });
  }

  it('is beside a network whose ways are its own and that to runs in the bucket', () => {
    const types = Object.values(network.Resources).map(({ Type }) => Type);
    for (const way of ['Route', 'InternetGateway', 'NatGateway', 'VPCPeeringConnection'])
      assert(!types.includes(`AWS::EC2::${way}`), way);
    const { PolicyDocument } = network.Resources['Endpoint']?.Properties as {
      PolicyDocument: { Statement: { Effect: string; Action: string[]; Resource: unknown }[] };
    };
    const bucket = 'arn:${AWS::Partition}:s3:::${Bucket}';
    assert.deepEqual(
      PolicyDocument.Statement.map(({ Effect, Action, Resource }) => [Effect, Action, Resource]),
      [
        ['Allow', ['s3:GetObject', 's3:PutObject'], { 'Fn::Sub': `${bucket}/runs/*` }],
        ['Allow', ['s3:ListBucket'], { 'Fn::Sub': bucket }],
      ],
    );
  });

  it('refers to nothing that is not there', () => {
    const names = [...references(template.Resources), ...references(template.Outputs)];
    assert(names.length > 50);
    for (const name of names) {
      const [id = '', ...attribute] = name.split('.');
      if (id.startsWith('AWS::')) {
        const pseudo = ['StackName', 'StackId', 'AccountId', 'Region', 'Partition', 'NoValue'];
        assert(pseudo.includes(id.slice(5)), name);
      } else if (attribute.length > 0) {
        const type = template.Resources[id]?.Type ?? '';
        const [resource] = db.lookup('resource', 'cloudFormationType', 'equals', type);
        assert(resource?.attributes[attribute.join('.')] ?? resource?.properties[attribute.join('.')], name);
      } else assert(id in template.Parameters || id in template.Resources, name);
    }
  });

  it('uses all its parameters and conditions, and takes what the options give', () => {
    assert.deepEqual(Object.keys(template.Parameters).sort(), [...PARAMETERS].sort());
    const used = new Set([
      ...references(template.Resources),
      ...references(template.Conditions),
      ...references(template.Outputs),
    ]);
    for (const name of Object.keys(template.Parameters)) assert(used.has(name), `${name} is not used`);
    for (const name of Object.keys(template.Conditions))
      assert.match(text, new RegExp(`(Condition: |!If \\[|- )${name}\\b`));
    const options = parseBackendOptions({
      architecture: 'x86_64',
      memory: 128,
      timeout: 15,
      storage: 512,
      logDays: 90,
      expireDays: 3650,
      subnets: ['subnet-1'],
      securityGroups: ['sg-1'],
      network: 'closed',
    });
    for (const [name, value] of Object.entries(parametersOf(options))) {
      const parameter = template.Parameters[name];
      assert(parameter, name);
      const { AllowedValues, MinValue = -Infinity, MaxValue = Infinity } = parameter;
      if (AllowedValues !== undefined) assert(AllowedValues.map(String).includes(value), name);
      if (parameter.Type === 'Number') assert(Number(value) >= MinValue && Number(value) <= MaxValue, name);
    }
  });

  it('says its version twice alike, fits into a request, and builds on the machines that a deploy asks for', () => {
    const version = template.Metadata?.['OffloadTemplateVersion'];
    assert.equal(template.Outputs['TemplateVersion']?.Value, String(version));
    assert(Buffer.byteLength(text) <= 51_200, 'CloudFormation takes a template of 51,200 bytes in a request');
    for (const { type, image } of Object.values(MACHINES)) {
      assert(text.includes(type));
      assert(text.includes(`'${image}'`));
    }
  });
});
