import type { RunLife } from '../runs/run-life.ts';
import type { Baseline } from '../workspace/baseline.ts';
import { madePrograms } from './made-programs.ts';
import { commandProgram, runTaskProgram, type ProgramPlace } from './task-program.ts';
import type { TaskServices } from './task-services.ts';

/** Runs the command that a task's work is checked with. @returns whether it has passed */
export async function checkWork(
  command: string,
  place: ProgramPlace,
  life: RunLife,
  services: TaskServices,
): Promise<boolean> {
  life.journal.append({ type: 'phase', phase: 'checking' });
  const end = await runTaskProgram(commandProgram('check', command), place, life, services);
  const passed = end.exitCode === 0;
  life.journal.append({ type: 'check', command, passed, ...end });
  return passed;
}

/** What programs are found by, and which of them were run. */
export interface MadeTree {
  baseline: Baseline;
  /** Of a workspace that is looked through. */
  maxBytes: number;
  /** Paths of those that were run already; those that are run now are added. */
  executed: string[];
}

/** Runs the programs that the agent has made. */
export async function executeMade(
  { baseline, maxBytes, executed }: MadeTree,
  place: ProgramPlace,
  life: RunLife,
  services: TaskServices,
): Promise<void> {
  life.journal.append({ type: 'phase', phase: 'executing' });
  for (const { path, language } of await madePrograms(place.workspace, baseline, maxBytes)) {
    if (executed.includes(path)) continue;
    const entry = services.isolation.workspacePath({ workspace: place.workspace }, path);
    const program = { name: path, language, args: [entry] };
    const end = await runTaskProgram(program, place, life, services);
    life.journal.append({ type: 'execution', path, language: language.id, ...end });
    executed.push(path);
  }
}
