import { OffloadError } from '../../../src/protocol/error.ts';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { Limits } from '../../../src/protocol/limits.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { Box } from '../isolation/box.ts';
import { BoxWatch } from './box-watch.ts';
import { OutputPump } from './output-pump.ts';
import { sizeName } from './size-name.ts';

export interface ProgramOptions {
  limits: Limits;
  workspace: string;
  signal: AbortSignal;
  /** Told of each part of the output as it comes; gives what to wait for before the next, where there is such a thing. */
  onOutput: (event: Extract<EventBody, { type: 'output' }>) => Promise<void> | undefined;
  /** Told of the limit that the program has met: the box has to be ended. */
  onExceeded: (error: OffloadError) => void;
}

/**
 * Watches over a box whose program's output is wanted, until no process of it is left. Gives its exit code; what it took
 * is told however it ends.
 * @throws OffloadError `sandbox-failed`
 */
export async function runProgram(
  box: Box,
  options: ProgramOptions,
  onUsage: (usage: Usage) => void,
): Promise<number> {
  const { limits, onOutput, onExceeded } = options;
  const watch = new BoxWatch(box, options);
  const pump = new OutputPump(box, limits.outputBytes, onOutput, () => {
    onExceeded(outputExceeded(limits.outputBytes));
  });
  try {
    const exit = await box.exited;
    await pump.close();
    const limitEnd = watch.limitEnd(exit);
    if (limitEnd !== undefined) onExceeded(limitEnd);
    return exit.exitCode;
  } finally {
    onUsage({ ...watch.stop(), outputBytes: pump.bytes });
  }
}

const outputExceeded = (bytes: number) =>
  new OffloadError(
    'output-limit',
    `The program wrote more than ${sizeName(bytes)} of output and was ended.`,
    {
      fix: 'Raise the output limit, or write to a file.',
    },
  );
