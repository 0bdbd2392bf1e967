import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StartRuntime } from '../../../src/core/lambda-local/runtime-process.ts';
import { pulledImage } from '../image/pulled-image.ts';
import { findImage, type TestImage } from '../image/test-image.ts';
import { lockedDown, USER } from '../image/locked-down.ts';
import { environmentVariables, handlerOf, type FunctionIdentity } from './environment-variables.ts';
import { findRuntime } from './find-runtime.ts';

/** How the environments of functions are started. */
export interface Environments {
  start(identity: FunctionIdentity): StartRuntime;
  /** The user that they run as, where it is another one. */
  user?: number;
}

const entry = fileURLToPath(new URL('./entry.sh', import.meta.url));

/** Processes of this machine's, with the runtime interface client in that folder. */
export function processes(runtime: string): Environments {
  return {
    start:
      (identity) =>
      ({ runtimeApi, temporary }) => ({
        // As a container image's entry script starts it.
        argv: ['/bin/sh', entry, process.execPath, path.join(runtime, 'index.mjs'), handlerOf(identity.spec)],
        cwd: path.dirname(identity.spec.bundle),
        env: environmentVariables(identity, runtimeApi, temporary),
      }),
  };
}

/** Variables that are about a process of this machine's. */
const ofThisMachine = ['PATH', 'TMPDIR', 'LAMBDA_RUNTIME_DIR'];

/** Containers of the backend's image, locked down as on Lambda. Of a function's bundle its name counts alone. */
export function containers(image: TestImage): Environments {
  return {
    user: USER,
    start:
      (identity) =>
      ({ runtimeApi, temporary }) => {
        const all = environmentVariables(identity, runtimeApi, temporary);
        const pidFile = path.join(temporary, 'pid');
        const variables = Object.entries({ ...all, LAMBDA_TASK_ROOT: '/var/task' }).filter(
          ([name]) => !ofThisMachine.includes(name),
        );
        const [program, ...args] = image.engine;
        return {
          argv: [
            program,
            ...args,
            ...['--runtime', image.runtime, 'run', '--rm', '--pidfile', pidFile, '--log-driver', 'none'],
            ...lockedDown({ memoryMb: identity.spec.memoryMb ?? 128 }),
            // What stands for AWS is on the loopback interface.
            ...['--network', 'host'],
            ...variables.flatMap(([name, value]) => ['--env', `${name}=${value}`]),
            ...[image.image, handlerOf(identity.spec)],
          ],
          cwd: temporary,
          env: { PATH: process.env['PATH'] ?? '' },
          pidFile,
        };
      },
  };
}

/** Whether the tests are to have containers: the tier `image` says so by OFFLOAD_TEST_ENVIRONMENTS. */
export const inContainers = (): boolean => process.env['OFFLOAD_TEST_ENVIRONMENTS'] === 'containers';

/** What the tests of this tier run functions in, or why this machine has none. */
export async function findEnvironments(): Promise<Environments | { missing: string }> {
  if (inContainers()) {
    const image = findImage();
    return 'missing' in image ? image : containers(await pulledImage(image));
  }
  const runtime = await findRuntime();
  return 'missing' in runtime ? runtime : processes(runtime.folder);
}
