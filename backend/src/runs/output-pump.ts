import { isUtf8 } from 'node:buffer';
import type { EventBody } from '../../../src/protocol/event.ts';
import type { OutputPipe } from '../isolation/pipes.ts';

type OutputBody = Extract<EventBody, { type: 'output' }>;

/** Milliseconds that a stream may stay open when no process of the box is left. */
const CLOSING_TIME = 500;

/** Turns what a program writes into events, with characters whole although the pipe cuts anywhere. */
export class OutputPump {
  bytes = 0;
  readonly #pipes: OutputPipe[];
  readonly #ended: Promise<unknown>;

  /**
   * @param onOutput told of each part as it comes; gives what to wait for before the next, where there is such a thing
   * @param onCut told, once, that more than `maxBytes` came; what is beyond is dropped
   */
  constructor(
    pipes: { stdout: OutputPipe; stderr: OutputPipe },
    maxBytes: number,
    onOutput: (event: OutputBody) => Promise<void> | undefined,
    onCut: () => void,
  ) {
    this.#pipes = [pipes.stdout, pipes.stderr];
    const pump = async (stream: OutputBody['stream'], pipe: OutputPipe): Promise<void> => {
      const decoder = new PartDecoder();
      const tell = (part: Part | undefined): Promise<void> | undefined =>
        part === undefined ? undefined : onOutput({ type: 'output', stream, ...part });
      await pipe.read((chunk) => {
        const left = maxBytes - this.bytes;
        this.bytes += chunk.length;
        const taken = chunk.subarray(0, Math.max(0, left));
        const wait = tell(decoder.decode(taken));
        if (left >= 0 && this.bytes > maxBytes) onCut();
        return wait;
      });
      void tell(decoder.flush());
    };
    this.#ended = Promise.all([pump('stdout', pipes.stdout), pump('stderr', pipes.stderr)]);
  }

  /** Waits for the ends of the pipes, and closes one that something outside the box still holds. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      for (const pipe of this.#pipes) pipe.close();
    }, CLOSING_TIME);
    await this.#ended;
    clearTimeout(timer);
  }
}

type Part = { text: string } | { base64: string };

/** Bytes to text where they are UTF-8, with a character that a cut divides kept for the next part. */
export class PartDecoder {
  #held: Buffer = Buffer.alloc(0);

  decode(chunk: Buffer): Part | undefined {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const whole = bytes.length - dividedLength(bytes);
    this.#held = Buffer.from(bytes.subarray(whole));
    return part(bytes.subarray(0, whole));
  }

  flush(): Part | undefined {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return part(held);
  }
}

function part(bytes: Buffer): Part | undefined {
  if (bytes.length === 0) return undefined;
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}

/** Bytes at the end that begin a character and do not finish it (RFC 3629). */
function dividedLength(bytes: Buffer): number {
  for (let length = 1; length <= 3 && length <= bytes.length; length++) {
    const byte = bytes.readUInt8(bytes.length - length);
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > length ? length : 0;
    }
  }
  return 0;
}
