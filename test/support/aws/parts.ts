import type { CodeBuild } from './codebuild.ts';
import type { Ecr } from './ecr.ts';
import type { Functions } from './functions.ts';
import type { Logs } from './logs.ts';
import type { S3 } from './s3.ts';
import type { Secrets } from './secrets.ts';

/** The services that hold what a stack makes. */
export interface Parts {
  readonly s3: S3;
  readonly ecr: Ecr;
  readonly logs: Logs;
  readonly secrets: Secrets;
  readonly codebuild: CodeBuild;
  readonly functions: Functions;
}
