import type { OffloadError } from '../../protocol/error.ts';
import { readBackendSource } from '../deploy/source.ts';
import type { Folders } from '../local/folders.ts';
import { localFolders } from '../local/folders.ts';
import type { Sandbox } from '../sandbox.ts';
import { containerSandbox } from './container-sandbox.ts';
import { enginesThatAnswer } from './engine.ts';
import type { ContainerEngine } from '../../protocol/container.ts';
import { findImage, imageName, isOfBackend, keptImages, notBuilt } from './image.ts';

/** Of no image: what asks for none can be had without. */
const NO_IMAGE = '0'.repeat(64);

/** The engine of this machine, and the image of a backend where it has one. */
export interface FoundContainer {
  engine: ContainerEngine;
  /** Its id; undefined where it was not made. */
  image: string | undefined;
}

/**
 * Looks for the engine that has the image of a backend; else gives the first one that answers.
 * @throws OffloadError `no-engine` where none does, `no-backend`, `not-supported`
 */
export async function findContainer(backendFolder: string): Promise<FoundContainer> {
  const name = imageName(await readBackendSource(backendFolder));
  const engines = await enginesThatAnswer();
  for (const engine of engines) {
    const image = await findImage(engine, name);
    if (image !== undefined) return { engine, image };
  }
  return { engine: engines[0], image: undefined };
}

/**
 * The sandbox whose boxes are containers of the backend's image. Nothing is built for it: without an image of this version
 * nothing new runs there (`no-image`, with the command that makes it), and the runs that are there can be followed, ended
 * and read.
 * @throws OffloadError `no-engine`
 */
export async function openContainerSandbox(options: {
  backendFolder: string;
  folders?: Folders;
}): Promise<Sandbox> {
  const { backendFolder, folders = localFolders() } = options;
  const { engine, image } = await findContainer(backendFolder);
  if (image !== undefined) return containerSandbox({ backendFolder, folders, engine, image });
  const former = (await keptImages(engine)).find(isOfBackend)?.id ?? NO_IMAGE;
  const sandbox = containerSandbox({ backendFolder, folders, engine, image: former });
  return withoutNewRuns(sandbox, () => notBuilt(engine));
}

/** What is there stays within reach. Whoever asks what can be had there means to begin something. */
function withoutNewRuns(sandbox: Sandbox, why: () => OffloadError): Sandbox {
  return {
    environment: () => Promise.reject(why()),
    // eslint-disable-next-line require-yield, @typescript-eslint/require-await -- it has no events
    async *submit() {
      throw why();
    },
    attach: (...of) => sandbox.attach(...of),
    cancel: (...of) => sandbox.cancel(...of),
    input: (...of) => sandbox.input(...of),
    missing: (...of) => sandbox.missing(...of),
    put: (...of) => sandbox.put(...of),
    putWhole: sandbox.putWhole,
    runs: (...of) => sandbox.runs(...of),
    readBlob: (...of) => sandbox.readBlob(...of),
    dispose: () => {
      sandbox.dispose();
    },
  };
}
