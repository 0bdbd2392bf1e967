import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { localFunction, type LocalFunction } from './function.ts';
import { RuntimeApi } from './runtime-api.ts';

// What the runtime of a Lambda function does, for the project's own on the user's machine: makes it, and gives it one event
// after the other. It ends when its endpoint has gone.
const api = new RuntimeApi(process.env['AWS_LAMBDA_RUNTIME_API'] ?? '');

// What boxes are made of is read by users of their own, whoever started this.
process.umask(0o022);

/** How control begins an answer at its address, which is this process's own here. */
const from = (
  response: ServerResponse,
  { statusCode, headers }: { statusCode: number; headers: Record<string, string> },
): ServerResponse => {
  response.writeHead(statusCode, headers).flushHeaders();
  return response;
};
Object.assign(globalThis, { awslambda: { HttpResponseStream: { from } } });

async function serve(answerTo: LocalFunction): Promise<never> {
  for (;;) {
    const { id, payload, deadline } = await api.next();
    const answer = api.answer(id);
    // The endpoint takes an answer to its end, whether anybody reads it: where it does not it has gone, and all goes with it.
    const over = finished(answer).catch(() => process.exit(1));
    try {
      await answerTo(JSON.parse(payload), answer, { getRemainingTimeInMillis: () => deadline - Date.now() });
      answer.end();
    } catch (error) {
      console.error(error);
      answer.fail(error);
    }
    await over;
  }
}

process.once('SIGTERM', () => process.exit(0));
const made = await localFunction(process.env).catch(async (error: unknown) => {
  console.error(error);
  await api.initError(error);
  process.exit(1);
});
await serve(made).catch(() => process.exit(1));
