import type { OutputEvent, RunEvent } from '../protocol/event.ts';
import { say } from './say.ts';

/** Shows events as they come. */
export interface Show {
  event(event: RunEvent): void;
  /** Nothing follows, whether the run has ended or not. */
  end?(): void;
}

/** Writes a program's output to our own, each stream to its descriptor. Waits for neither: see {@link drained}. */
export const plainShow = (): Show => ({
  event: (event) => {
    if (event.type === 'output') writeOutput(event);
    else if (event.type === 'notice') say(event.message);
  },
});

/** Writes each event as a line of JSON, one that is not known to this version as it came. */
export const jsonShow = (): Show => ({
  event: (event) => {
    process.stdout.write(JSON.stringify(event.type === 'unknown' ? event.frame : event) + '\n');
  },
});

/** Writes what a program wrote, byte for byte. */
export function writeOutput(event: OutputEvent, stream: NodeJS.WritableStream = process[event.stream]): void {
  stream.write(event.text ?? Buffer.from(event.base64 ?? '', 'base64'));
}

/** Resolves when our own output has taken what was written, so that a slow reader holds the run's stream back. */
export async function drained(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.writableNeedDrain) continue;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        stream.off('drain', settle);
        stream.off('close', settle);
        resolve();
      };
      stream.once('drain', settle);
      stream.once('close', settle);
    });
  }
}
