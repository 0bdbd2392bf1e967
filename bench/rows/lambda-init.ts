import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentVariables, handlerOf } from '../../test/support/lambda/environment-variables.ts';
import { findRuntime } from '../../test/support/lambda/find-runtime.ts';
import { interleaved } from '../interleaved.ts';
import { CannotRun, type Row } from '../row.ts';

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** From the start of a function's process until it asks for its first invocation: what a cold start waits for. */
export const lambdaInit: Row = {
  name: 'lambda-init',
  rounds: 15,
  async measure({ folder, rounds }) {
    const runtime = await findRuntime();
    if ('missing' in runtime) throw new CannotRun(runtime.missing);
    const init = (bundle: string) => () => untilNext(runtime.folder, inRoot(bundle), folder);
    const figures = [];
    for (const name of ['control', 'runner']) {
      const { ours, beside } = await interleaved(
        { counted: rounds, warmUp: 2 },
        init(`dist/backend/${name}.mjs`),
        init('test/fixtures/lambda/bare.mjs'),
      );
      figures.push({
        name: `on Lambda, init of ${name}.mjs`,
        unit: 'ms' as const,
        ours,
        beside: { name: 'bare streaming handler', values: beside },
        reach: { of: 'difference' as const, bound: '≤' as const, value: 150 },
      });
    }
    return figures;
  },
};

/** Starts the runtime client with a function; resolves with the milliseconds until it wants an invocation, and ends it. */
async function untilNext(runtime: string, bundle: string, folder: string): Promise<number> {
  const temporary = mkdtempSync(join(folder, 't-'));
  let asked: (ms: number) => void = () => undefined;
  const next = new Promise<number>((resolve) => (asked = resolve));
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/invocation/next') === true) asked(performance.now());
    else response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const spec = { bundle, memoryMb: 1024 };
  const started = performance.now();
  const child = spawn(process.execPath, [join(runtime, 'index.mjs'), handlerOf(spec)], {
    cwd: dirname(bundle),
    env: {
      ...environmentVariables({ name: 'measured', region: 'us-east-1', spec }, address, temporary),
      _HANDLER: handlerOf(spec),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const died = ended.then(() => {
      throw new Error(`${bundle} ended before it asked for an invocation`);
    });
    died.catch(() => undefined);
    return (await Promise.race([next, died])) - started;
  } finally {
    child.kill('SIGKILL');
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
