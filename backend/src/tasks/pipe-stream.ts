import { Readable } from 'node:stream';
import type { OutputPipe } from '../isolation/pipes.ts';

/** The end of a pipe as a stream, which holds its writer up where nobody reads. */
export function pipeStream(pipe: OutputPipe): Readable {
  let wake: (() => void) | undefined;
  const stream = new Readable({
    read: () => {
      wake?.();
      wake = undefined;
    },
    destroy: (error, done) => {
      wake?.();
      pipe.close();
      done(error);
    },
  });
  void pipe
    .read((chunk) => {
      // The pipe uses the chunk's memory again.
      if (stream.push(Buffer.from(chunk))) return undefined;
      return new Promise((resolve) => (wake = resolve));
    })
    .then(() => stream.push(null));
  return stream;
}
