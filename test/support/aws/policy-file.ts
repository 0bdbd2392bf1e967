import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Policy } from './policy.ts';

/** One of the policies that the documentation has. */
export const policyFile = (name: 'deploy' | 'use'): Policy =>
  JSON.parse(
    readFileSync(fileURLToPath(new URL(`../../../docs/aws-${name}-policy.json`, import.meta.url)), 'utf8'),
  ) as Policy;
