import { ensureEditor } from './editor.mjs';
import { orReason } from './or-reason.mjs';
import { browserProgram, lacking } from './system-packages.mjs';

/**
 * The variables that tell the tests where the editor and the browser are (OFFLOAD_TEST_EDITOR, OFFLOAD_TEST_BROWSER), or
 * why there are none (OFFLOAD_TEST_NO_EDITOR). `missing` names the Debian packages that this machine lacks.
 */
export async function testEditor(missing) {
  return orReason('EDITOR', async () => {
    if (missing.includes('chromium')) throw lacking('no Chromium on this machine');
    return { OFFLOAD_TEST_EDITOR: await ensureEditor(), OFFLOAD_TEST_BROWSER: browserProgram() };
  });
}
