import assert from 'node:assert/strict';
import { checkContainer } from '../../../src/core/container/check-container.ts';

describe("the doctor's look at containers", () => {
  const missing = '/nowhere/at/all';

  it('is no complaint to whoever uses none, and says what to do to whoever does', async () => {
    const unused = await checkContainer(missing);
    assert.deepEqual([unused.name, unused.ok, unused.fix], ['Containers', true, undefined]);
    assert.match(
      unused.detail,
      /^Not needed for other targets\. There is no backend .* in \/nowhere\/at\/all\./,
    );
    const used = await checkContainer(missing, true);
    assert.deepEqual([used.ok, used.fix !== undefined], [false, true]);
  });
});
