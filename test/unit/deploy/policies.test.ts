import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { policyText } from '../../../src/core/deploy/policies.ts';

const documented = (name: string): unknown =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../docs/aws-${name}-policy.json`, import.meta.url)), 'utf8'),
  );

describe('a policy that is printed', () => {
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
  }
});
