import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Box, BoxSpec } from '../../../backend/src/isolation/box.ts';
import { Bubblewrap } from '../../../backend/src/isolation/bubblewrap.ts';
import { Pipes, type OutputPipe } from '../../../backend/src/isolation/pipes.ts';
import { effectiveLimits } from '../../../src/protocol/limits.ts';
import { shortFolder } from './local-target.ts';
import { boxProcesses } from './processes.ts';

/** Boxes without a server: made by the test's own process, which they belong to. */
export interface OwnBoxes {
  /** Everything of them lies in here. */
  folder: string;
  boxes: string;
  runtime: string;
  workspace: string;
  pipes: Pipes;
  isolation: Bubblewrap;
  /** Starts a program, with its user in possession of the workspace. */
  start(argv: string[], more?: Partial<BoxSpec>): Promise<Box>;
  /** Ends all of it, also what should have ended by itself. */
  dispose(): Promise<void>;
}

export function ownBoxes(options: { dash?: boolean } = {}): OwnBoxes {
  const folder = shortFolder('k-');
  chmodSync(folder, 0o711);
  const [boxes, runtime] = [join(folder, 'b'), join(folder, 'r')];
  const workspace = join(boxes, 'w');
  for (const each of [boxes, runtime, workspace]) mkdirSync(each, { mode: 0o711 });
  const pipes = new Pipes(join(runtime, 'pipes'));
  const isolation = new Bubblewrap({ boxes, runtime, pipes, ...options });
  return {
    folder,
    boxes,
    runtime,
    workspace,
    pipes,
    isolation,
    start: (argv, more) => {
      const owner = isolation.owner();
      if (owner !== undefined) chownSync(workspace, owner, owner);
      return isolation.start({
        workspace,
        owner,
        argv,
        env: {},
        readOnly: [],
        stdin: undefined,
        limits: effectiveLimits({}),
        memoryLimit: 'as',
        ...more,
      });
    },
    dispose: async () => {
      isolation.dispose();
      for (const { pid } of await boxProcesses(folder)) process.kill(pid, 'SIGKILL');
      pipes.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All that a program writes. */
export async function textOf(pipe: OutputPipe): Promise<string> {
  let text = '';
  await pipe.read((chunk) => {
    text += chunk.toString('latin1');
    return undefined;
  });
  return text;
}
