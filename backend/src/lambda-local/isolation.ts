import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BareProcess } from '../isolation/bare-process.ts';
import type { Isolation } from '../isolation/box.ts';
import { Bubblewrap } from '../isolation/bubblewrap.ts';
import type { Pipes } from '../isolation/pipes.ts';

/**
 * How the Lambda handler keeps programs apart: a Lambda environment is a sandbox itself; the user's own machine, on which
 * `offload lambda-local` says that the handler runs, is none.
 * @param folder of the handler's own, for what boxes are made of
 * @param shared folders that hold what is bound into boxes besides
 */
export function lambdaIsolation(folder: string, shared: readonly string[], pipes: Pipes): Isolation {
  if (process.env['OFFLOAD_LAMBDA_LOCAL'] === undefined) return new BareProcess(pipes);
  const boxes = join(folder, 'boxes');
  mkdirSync(boxes, { recursive: true });
  // Users of boxes pass through, and see nothing on their way.
  for (const each of [folder, boxes]) chmodSync(each, 0o711);
  const isolation = new Bubblewrap({ boxes, shared, runtime: folder, pipes });
  process.once('exit', () => {
    isolation.dispose();
  });
  return isolation;
}
