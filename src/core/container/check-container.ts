import { BUILD_IMAGE } from '../../protocol/container.ts';
import { asOffloadError } from '../../protocol/error.ts';
import type { Check } from '../doctor.ts';
import { findContainer } from './open-container.ts';

/** What there is for containers: whoever does not use them needs none of it. Never throws. */
export async function checkContainer(backendFolder: string): Promise<Check> {
  const name = 'Containers';
  try {
    const { engine, image } = await findContainer(backendFolder);
    const has = image === undefined ? `no image yet: ${BUILD_IMAGE} makes it` : 'the image is there';
    return {
      name,
      ok: true,
      detail: `${engine.kind} ${engine.version}${engine.rootless ? ' without root' : ''}; ${has}`,
    };
  } catch (thrown) {
    const { message, fix = '' } = asOffloadError(thrown);
    return {
      name,
      ok: true,
      detail: `Not to be used here, and not needed for other targets. ${message} ${fix}`.trim(),
    };
  }
}
