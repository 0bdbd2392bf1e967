import type { Standing } from '../../src/protocol/chat.ts';
import type { Block } from './block.ts';
import type { RunView } from './run-view.ts';

/** What a run does now, in a few words. */
export function doingOf(run: RunView, standing: Standing | undefined): string {
  if (standing?.state === 'preparing') return standing.doing;
  switch (run.phase) {
    case undefined:
      return 'Starting';
    case 'queued':
      return 'Waiting for its turn';
    case 'uploading':
      return 'Sending files';
    case 'starting':
      return 'Starting the sandbox';
    case 'installing':
      return 'Installing';
    case 'checking':
      return 'Checking the work';
    case 'executing':
      return 'Running what it made';
    case 'collecting':
      return 'Collecting changes';
    case 'running':
      return atWork(run.tree.roots.at(-1));
  }
}

function atWork(block: Block | undefined): string {
  switch (block?.kind) {
    case undefined:
      return 'Running';
    case 'text':
      return 'Writing';
    case 'thinking':
      return 'Thinking';
    case 'tool':
      if (block.outcome !== undefined) return 'Thinking';
      return block.title ?? `Using ${block.name}`;
    case 'question':
      return block.state === 'open' ? 'Waiting for your answer' : 'Thinking';
    case 'retry':
      return `Asking the model again (attempt ${String(block.attempt)})`;
    case 'message':
    case 'notice':
      return 'Running';
  }
}
