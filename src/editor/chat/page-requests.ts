import { checkPrompt } from '../../core/task/task.ts';
import type { Chosen, ToHostHandlers } from '../../protocol/chat.ts';
import { OffloadError } from '../../protocol/error.ts';
import type { ChatMemory } from './chat-memory.ts';
import type { ChatBackend } from './chat-service.ts';
import type { PageDisplay } from './page-display.ts';
import type { Preparations } from './preparations.ts';
import { allSessions, runsOf } from './sessions.ts';
import type { ShownErrors } from './shown-errors.ts';

export interface RequestsOptions {
  backend: ChatBackend;
  memory: ChatMemory;
  preparations: Preparations;
  display: PageDisplay;
  errors: ShownErrors;
}

/** What is done for each thing that a page asks for. Each throws why it could not be done. */
export const pageRequests = (options: RequestsOptions): ToHostHandlers<Promise<unknown>> => {
  const { backend, memory, preparations, display, errors } = options;
  const choose = async (chosen: Chosen): Promise<void> => {
    await memory.choose(chosen);
    await backend.chose(chosen);
  };
  return {
    ready: () => display.wake(),
    submit: async ({ session, prompt, chosen }) => {
      // What cannot be sent is not remembered either: it stays where it was typed.
      checkPrompt(prompt);
      await choose(chosen);
      await display.show(await preparations.begin(session, prompt, chosen));
    },
    message: async ({ runId, text, when }) => {
      checkPrompt(text);
      try {
        await backend.message(runId, text, when);
      } catch (error) {
        const { session } = display;
        if (!(error instanceof OffloadError) || error.code !== 'run-ended' || session === null) throw error;
        // It has just ended: what was said is the next task.
        const task = (await runsOf(session, options)).find((run) => run.runId === runId);
        if (task?.kind !== 'task') throw error;
        await display.show(await preparations.begin(session, text, task.chosen));
      }
    },
    answer: async ({ runId, question, chosen, text }) => {
      if (text !== undefined) checkPrompt(text);
      await backend.answer(runId, question, { chosen, ...(text === undefined ? {} : { text }) });
    },
    interrupt: ({ runId }) => backend.interrupt(runId),
    stop: async ({ runId }) => {
      if (!preparations.stop(runId)) await backend.stop(runId);
    },
    review: ({ runId, path }) => backend.review(runId, path),
    accept: ({ runId, path }) => backend.accept(runId, path),
    discard: ({ runId, path }) => backend.discard(runId, path),
    'run-code': async ({ session, place, language, code }) => {
      const runId = await backend.runCode({ language, code, place });
      await memory.add(session, { kind: 'code', runId, language, place, createdAt: Date.now() });
      await display.tellSession();
    },
    'open-file': ({ runId, path, line }) => backend.openFile(runId, path, line),
    'open-whole': ({ runId, part }) => backend.openWhole(runId, part),
    'open-link': ({ href }) => backend.openLink(href),
    copy: ({ text }) => backend.copy(text),
    'new-session': () => display.show(null),
    'select-session': ({ session }) => display.show(session),
    'delete-session': async ({ session }) => {
      const known = allSessions(await backend.overview(), memory).find(({ id }) => id === session);
      await backend.remove(session, known?.title ?? '');
      await memory.forgetSession(session);
      if (session === display.session) await display.show(null);
      await display.tellState();
    },
    choose: ({ chosen }) => choose(chosen),
    remedy: ({ remedy }) => errors.press(remedy),
    replay: ({ runId, after }) => {
      display.replay(runId, after);
      return Promise.resolve();
    },
  };
};
