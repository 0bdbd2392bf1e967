import type { Row } from './row.ts';
import { activation } from './rows/activation.ts';
import { cancel } from './rows/cancel.ts';
import { firstOutput } from './rows/first-output.ts';
import { lambda } from './rows/lambda.ts';
import { deploying } from './rows/deploy.ts';
import { lambdaCancel } from './rows/lambda-cancel.ts';
import { lambdaInit } from './rows/lambda-init.ts';
import { lambdaInput } from './rows/lambda-input.ts';
import { oneShot } from './rows/one-shot.ts';
import { relay } from './rows/relay.ts';
import { sandboxRuntime } from './rows/sandbox-runtime.ts';
import { sizes } from './rows/sizes.ts';
import { secretScan } from './rows/secret-scan.ts';
import { snapshot } from './rows/snapshot.ts';
import { stalledReader } from './rows/stalled-reader.ts';
import { task } from './rows/task.ts';
import { tasksAtOnce } from './rows/tasks-at-once.ts';
import { throughput } from './rows/throughput.ts';
import { uploading } from './rows/upload.ts';

/** All rows, in the order in which they are measured. */
export const ROWS: readonly Row[] = [
  oneShot,
  sandboxRuntime,
  firstOutput,
  throughput,
  stalledReader,
  cancel,
  snapshot,
  secretScan,
  uploading,
  relay,
  task,
  tasksAtOnce,
  lambda,
  lambdaInit,
  lambdaCancel,
  lambdaInput,
  deploying,
  activation,
  sizes,
];
