import { readBackendSource } from '../deploy/source.ts';
import type { Folders } from '../local/folders.ts';
import { localFolders } from '../local/folders.ts';
import type { Sandbox } from '../sandbox.ts';
import { containerSandbox } from './container-sandbox.ts';
import { enginesThatAnswer } from './engine.ts';
import type { ContainerEngine } from '../../protocol/container.ts';
import { findImage, imageName, notBuilt } from './image.ts';

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
 * The sandbox whose boxes are containers of the backend's image. Nothing is built for it.
 * @throws OffloadError `no-engine`, or `no-image` with the command that makes it
 */
export async function openContainerSandbox(options: {
  backendFolder: string;
  folders?: Folders;
}): Promise<Sandbox> {
  const { backendFolder, folders = localFolders() } = options;
  const { engine, image } = await findContainer(backendFolder);
  if (image === undefined) throw notBuilt(engine);
  return containerSandbox({ backendFolder, folders, engine, image });
}
