import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { RuntimeApi, type Answer } from './runtime-api.ts';

/** A function whose answers are streams; see {@link Context}. */
type Handler = (event: unknown, response: Answer, context: Context) => Promise<void>;

/** What a function is told of an invocation. */
interface Context {
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

// What the runtime of a Lambda function does, for the project's own handler on the user's machine: loads it, and gives it
// one event after the other. It reads what Lambda sets for a runtime, and ends when its endpoint has gone.
const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;
const api = new RuntimeApi(AWS_LAMBDA_RUNTIME_API ?? '');

/** The handlers that were made for streams. */
const streaming = new WeakSet<Handler>();
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler): Handler => {
      streaming.add(handler);
      return handler;
    },
  },
});

async function load(): Promise<Handler> {
  const [module = '', name = ''] = _HANDLER.split('.');
  const loaded = (await import(pathToFileURL(join(LAMBDA_TASK_ROOT, `${module}.mjs`)).href)) as Record<
    string,
    unknown
  >;
  const handler = loaded[name] as Handler | undefined;
  if (handler !== undefined && streaming.has(handler)) return handler;
  throw new Error(`${_HANDLER} is no function whose answer is a stream`);
}

async function serve(handler: Handler): Promise<never> {
  for (;;) {
    const { id, payload, deadline } = await api.next();
    const answer = api.answer(id);
    // One whose reader has gone is answered all the same.
    const over = finished(answer).catch(() => undefined);
    try {
      await handler(JSON.parse(payload), answer, {
        awsRequestId: id,
        getRemainingTimeInMillis: () => deadline - Date.now(),
      });
      answer.end();
    } catch (error) {
      console.error(error);
      answer.fail(error);
    }
    await over;
  }
}

process.once('SIGTERM', () => process.exit(0));
const handler = await load().catch(async (error: unknown) => {
  console.error(error);
  await api.initError(error);
  process.exit(1);
});
await serve(handler).catch(() => process.exit(1));
