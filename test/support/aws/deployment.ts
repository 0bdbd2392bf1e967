import type { Deployment } from '../../../src/core/deploy/deployment.ts';

/** A deployment that nobody has made. */
export const MADE_UP_DEPLOYMENT: Deployment = {
  stack: 'offload',
  region: 'eu-west-1',
  account: '123456789012',
  controlFunction: 'offload-control',
  runnerFunction: 'offload-runner',
  controlUrl: 'https://example.invalid/',
  backendHash: '0'.repeat(64),
  memory: 2048,
  architecture: 'arm64',
  deployedAt: 1,
};
