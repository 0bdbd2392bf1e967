import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { play, type EventSink } from './play.ts';
import type { Answer } from './script.ts';

/** What becomes of the answer to a request. */
export interface RecordedAnswer {
  /** How many events of it were written. */
  events: number;
  /** `left`: the client cut the connection before the answer's end. */
  state: 'open' | 'answered' | 'left';
}

/** Answers each request; `onFailure` is told of what that fails with. */
export function answerEach(
  server: Server,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  onFailure: (thrown: unknown, response: ServerResponse) => void,
): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response).catch((thrown: unknown) => {
      onFailure(thrown, response);
    });
  });
}

/** Records how an answer ends. The signal is aborted when it has, also by the client. */
export function record(response: ServerResponse, answer: RecordedAnswer): AbortSignal {
  const over = new AbortController();
  response.once('close', () => {
    answer.state = response.writableFinished ? 'answered' : 'left';
    over.abort();
  });
  return over.signal;
}

/** Streams what a script has for a request, and records its events. */
export const stream = (
  { turn, failure }: Answer,
  model: string,
  sink: EventSink,
  over: AbortSignal,
  answer: RecordedAnswer,
): Promise<void> =>
  play(turn, failure, model, sink, over, () => {
    answer.events += 1;
  });
