import { BUILD_IMAGE } from '../../protocol/container.ts';
import { asOffloadError } from '../../protocol/error.ts';
import type { Check } from '../doctor.ts';
import { findContainer } from './open-container.ts';

/**
 * What there is for containers. Never throws.
 * @param isUsed whether runs go there: whoever uses no containers needs none of it
 */
export async function checkContainer(backendFolder: string, isUsed = false): Promise<Check> {
  const name = 'Containers';
  try {
    const { engine, image } = await findContainer(backendFolder);
    const has = image === undefined ? 'no image of this version yet' : 'the image is there';
    const detail = `${engine.kind} ${engine.version}${engine.rootless ? ' without root' : ''}; ${has}`;
    if (image !== undefined) return { name, ok: true, detail };
    return isUsed
      ? { name, ok: false, detail, fix: `Make it: ${BUILD_IMAGE}.` }
      : { name, ok: true, detail: `${detail}: ${BUILD_IMAGE} makes it` };
  } catch (thrown) {
    const { message, fix = '' } = asOffloadError(thrown);
    return isUsed
      ? { name, ok: false, detail: message, fix }
      : { name, ok: true, detail: `Not needed for other targets. ${message} ${fix}`.trim() };
  }
}
