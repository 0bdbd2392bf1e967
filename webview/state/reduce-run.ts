import { isTerminal, type ChangeEvent, type RunEvent } from '../../src/protocol/event.ts';
import { TreeDraft } from './block-tree.ts';
import { NO_OUTPUT, withOutput } from './program-output.ts';
import { reduceItem } from './reduce-item.ts';
import type { RunView } from './run-view.ts';

/**
 * A run after further events, in order. One that was counted already changes nothing, nor does one after the end.
 * @param last the number of the last event that these stand for: the host leaves some out
 */
export function reduceRun(run: RunView, events: readonly RunEvent[], last: number): RunView {
  const draft = new TreeDraft(run.tree);
  const changes = new Map(run.changes);
  let next = run;
  for (const event of events) {
    // Some may share a number: what stands for output that was left out, and what ended it.
    if (event.seq <= run.seq || next.end !== undefined) continue;
    next = {
      ...next,
      ...(event.type === 'change' ? {} : reduceEvent(next, event, draft)),
      seq: event.seq,
      startedAt: next.startedAt ?? event.time,
      lastAt: event.time,
    };
    if (event.type === 'change') changes.set(event.path, event);
    if (isTerminal(event)) close(draft, event.time);
  }
  const seq = Math.max(next.seq, last);
  return next === run && seq === run.seq ? run : { ...next, seq, changes, tree: draft.done() };
}

function reduceEvent(
  run: RunView,
  event: Exclude<RunEvent, ChangeEvent>,
  draft: TreeDraft,
): Partial<RunView> {
  switch (event.type) {
    case 'phase':
      return { phase: event.phase };
    case 'agent':
      return reduceItem(draft, event);
    case 'output': {
      const program = event.program ?? '';
      const output = withOutput(run.outputs.get(program) ?? NO_OUTPUT, event);
      return { outputs: new Map(run.outputs).set(program, output) };
    }
    case 'check':
      return { check: event };
    case 'execution':
      return { executions: [...run.executions, event] };
    case 'notice':
      draft.add({ kind: 'notice', key: `notice:${String(event.seq)}`, message: event.message }, undefined);
      return {};
    case 'completed':
    case 'failed':
    case 'cancelled':
      return { end: event, usage: event.usage.model ?? run.usage };
    case 'unknown':
      return {};
  }
}

/** Nothing goes on after the end, whatever was not heard of any more. */
function close(draft: TreeDraft, time: number): void {
  for (const block of [...draft.all()]) {
    if (block.kind === 'question' && block.state === 'open') draft.replace({ ...block, state: 'dropped' });
    if (block.kind === 'tool' && block.outcome === undefined) {
      // What was done to its children since has made it anew.
      const tool = draft.get('tool', block.key) ?? block;
      draft.replace({ ...tool, outcome: 'interrupted', endedAt: time });
    }
  }
}
