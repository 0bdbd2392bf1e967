import type { Row } from './row.ts';
import { activation } from './rows/activation.ts';
import { cancel } from './rows/cancel.ts';
import { firstOutput } from './rows/first-output.ts';
import { oneShot } from './rows/one-shot.ts';
import { sandboxRuntime } from './rows/sandbox-runtime.ts';
import { sizes } from './rows/sizes.ts';
import { stalledReader } from './rows/stalled-reader.ts';
import { throughput } from './rows/throughput.ts';

/** All rows, in the order in which they are measured. */
export const ROWS: readonly Row[] = [
  oneShot,
  sandboxRuntime,
  firstOutput,
  throughput,
  stalledReader,
  cancel,
  activation,
  sizes,
];
