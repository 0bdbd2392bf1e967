import { ensureEditor } from './editor.mjs';
import { orReason } from './or-reason.mjs';
import { browserProgram } from './system-packages.mjs';

/**
 * The variables that tell the tests where the editor and the browser are (OFFLOAD_TEST_EDITOR, OFFLOAD_TEST_BROWSER), or
 * why there are none (OFFLOAD_TEST_NO_EDITOR). `missing` names the Debian packages that this machine lacks.
 */
export async function testEditor(missing) {
  if (missing.includes('chromium')) return { OFFLOAD_TEST_NO_EDITOR: 'no Chromium on this machine' };
  return orReason('OFFLOAD_TEST_NO_EDITOR', async () => ({
    OFFLOAD_TEST_EDITOR: await ensureEditor(),
    OFFLOAD_TEST_BROWSER: browserProgram(),
  }));
}
