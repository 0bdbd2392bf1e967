import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../aws/deploying.ts';
import { FakeAws } from '../aws/fake-aws.ts';
import type { Installation } from './installation.ts';

/** Gives each test of a suite an account of its own, which its CLI works with, and no deployment that is known. */
export function withAws(cli: () => Installation): () => FakeAws {
  let aws: FakeAws | undefined;
  beforeEach(async () => {
    aws = await FakeAws.start();
    aws.functions.answer = () => ENVIRONMENT;
    aws.cloudformation.pace = 100;
    Object.assign(cli().env, aws.env);
  });
  afterEach(async () => {
    await aws?.dispose();
    aws = undefined;
    rmSync(join(cli().folder, 's', 'offload', 'deployments'), { recursive: true, force: true });
  });
  return () => {
    assert(aws, 'The account is there in tests and hooks only.');
    return aws;
  };
}
