import { OffloadError } from '../../../src/protocol/error.ts';

/** @param fix what to do with what came too late; by default what a target says that goes on with a conversation */
export const taskEnded = (fix = 'Send it as a reply to the task.'): OffloadError =>
  new OffloadError('run-ended', 'The task takes nothing any more: it has ended.', { fix });
