import { MAX_PART_BYTES } from '../../protocol/frame.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { NamedAddress } from '../../protocol/lambda.ts';

/** Puts bytes at an address of the store. @throws OffloadError `interrupted` */
export async function putAt(
  address: NamedAddress,
  bytes: Uint8Array<ArrayBuffer>,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await send(address, { body: bytes }, signal);
  await answer.arrayBuffer();
}

/** What is at an address, as the parts of an answer to `blob`. @throws OffloadError `interrupted` */
export async function* partsAt(
  address: NamedAddress,
  signal?: AbortSignal,
): AsyncGenerator<object, void, undefined> {
  const { body } = await send(address, {}, signal);
  if (body !== null) {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      for (let at = 0; at < chunk.length; at += MAX_PART_BYTES) {
        const base64 = Buffer.from(chunk.subarray(at, at + MAX_PART_BYTES)).toString('base64');
        yield { type: 'blob', base64, last: false };
      }
    }
  }
  yield { type: 'blob', base64: '', last: true };
}

/** The address is as good as a key: no error names it. */
async function send(
  { method, url, headers }: NamedAddress,
  more: { body?: Uint8Array<ArrayBuffer> },
  signal?: AbortSignal,
): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, { method, headers, ...more, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new OffloadError('interrupted', 'The connection to the store of the backend failed.', { cause });
  }
  if (answer.ok) return answer;
  throw new OffloadError('interrupted', `The store of the backend answered ${String(answer.status)}.`);
}
