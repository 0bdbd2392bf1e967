import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { STACK_NAME } from '../../../src/core/deploy/deployment.ts';
import { policyText, STACK_PATTERN } from '../../../src/core/deploy/policies.ts';

const documented = (name: string): { Statement: { Sid: string; Resource: string[] }[] } =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../docs/aws-${name}-policy.json`, import.meta.url)), 'utf8'),
  ) as ReturnType<typeof documented>;

describe('a policy that is printed', () => {
  it('names the roles of the stack as CloudFormation does, however long its name', () => {
    const longest = 'a'.repeat(38);
    assert.match(longest, STACK_NAME);
    assert.doesNotMatch(`${longest}a`, STACK_NAME);
    const roles = documented('deploy').Statement.find(({ Sid }) => Sid === 'Roles')?.Resource ?? [];
    assert(roles.length > 0);
    for (const role of roles) {
      const name = role.replace(/^.*:role\/offload/, longest).replace(/\*$/, 'X'.repeat(13));
      assert(name.length <= 64, name);
    }
    for (const pattern of ['offload', 'offload-test-*', longest]) assert.match(pattern, STACK_PATTERN);
    for (const pattern of ['*', '', 'a*b', 'Offload*', 'a**', `${longest}*`])
      assert.doesNotMatch(pattern, STACK_PATTERN);
  });

  for (const name of ['deploy', 'use'] as const) {
    it(`is the documented one for ${name}`, () => {
      assert.deepEqual(JSON.parse(policyText(name, 'offload')), documented(name));
    });

    it(`names another stack wherever the documented one names the default (${name})`, () => {
      const text = policyText(name, 'my-own');
      const resources = [...text.matchAll(/"(arn:[^"]*|\*)"/g)].map(([, resource = '']) => resource);
      for (const resource of resources) assert.match(resource, /^\*$|[:/]my-own(-\w+|\/|$)/, resource);
      const back = text.replaceAll('my-own', 'offload');
      assert.deepEqual(JSON.parse(back), documented(name));
    });

    it(`is for several stacks, and for another part of AWS (${name})`, () => {
      const resources = (text: string): string[] =>
        [...text.matchAll(/"(arn:[^"]*)"/g)].map(([, resource = '']) => resource);
      for (const resource of resources(policyText(name, 'my-test-*')))
        assert.match(resource, /[:/]my-test-\*(-\w+|\/|$)/, resource);
      const gov = resources(policyText(name, 'offload', 'aws-us-gov'));
      assert.equal(gov.length, resources(policyText(name, 'offload')).length);
      for (const resource of gov) assert.match(resource, /^arn:aws-us-gov:/);
    });
  }
});
