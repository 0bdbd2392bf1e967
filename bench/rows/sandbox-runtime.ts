import type * as sandboxRuntimeLibrary from '@anthropic-ai/sandbox-runtime';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../../backend/src/isolation/find-program.ts';
import { interleaved } from '../interleaved.ts';
import { OffloadSide } from '../offload-side.ts';
import { timedProcess } from '../plain-process.ts';
import { systemPython } from '../python.ts';
import { CannotRun, type Row } from '../row.ts';

const CODE = 'print("hello")';

/** What the peer needs besides bubblewrap: programs, and the Debian packages that have them. */
const NEEDED = { socat: 'socat', rg: 'ripgrep' };

/** What a small program costs, beside the library that most would take instead. */
export const sandboxRuntime: Row = {
  name: 'sandbox-runtime',
  rounds: 20,
  async measure(bench) {
    const { SandboxManager } = await library();
    const offload = await OffloadSide.start(bench);
    const workspace = join(bench.folder, 'peer-workspace');
    mkdirSync(workspace);
    // It looks for files to protect below the folder that it is used in.
    process.chdir(workspace);
    await SandboxManager.initialize({
      network: { allowedDomains: [], deniedDomains: [] },
      filesystem: { denyRead: [], allowWrite: [workspace], denyWrite: [] },
    });
    const peer = async () => {
      const started = performance.now();
      const line = await SandboxManager.wrapWithSandbox(`${systemPython()} -c '${CODE}'`);
      const wrapping = performance.now() - started;
      const timed = await timedProcess({ file: line, args: [], cwd: workspace, shell: true });
      SandboxManager.cleanupAfterCommand();
      return { ...timed, ms: wrapping + timed.ms };
    };
    try {
      const sides = [() => offload.timed(CODE), peer] as const;
      const { ours, beside } = await interleaved({ counted: bench.rounds, warmUp: 3 }, ...sides);
      return [
        {
          name: 'one-shot Python run, submit to terminal event',
          unit: 'ms',
          ours: ours.map(({ ms }) => ms),
          beside: { name: 'sandbox-runtime’s library', values: beside.map(({ ms }) => ms) },
          reach: { of: 'ratio', bound: '≤', value: 0.5 },
        },
      ];
    } finally {
      await SandboxManager.reset();
    }
  },
};

/** @throws CannotRun where it is not installed, or what it needs is not */
async function library(): Promise<typeof sandboxRuntimeLibrary> {
  const missing = Object.entries(NEEDED).filter(([program]) => findProgram(program) === undefined);
  if (missing.length > 0) {
    const packages = missing.map(([, debian]) => debian).join(' ');
    throw new CannotRun(
      `sandbox-runtime needs ${packages}: apt-get install -y --no-install-recommends ${packages}`,
    );
  }
  try {
    return await import('@anthropic-ai/sandbox-runtime');
  } catch (cause) {
    throw new CannotRun('@anthropic-ai/sandbox-runtime is not installed', { cause });
  }
}
