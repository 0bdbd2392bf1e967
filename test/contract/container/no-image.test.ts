import assert from 'node:assert/strict';
import { containerTarget } from '../../support/container/container-target.ts';
import { request, submit } from '../../support/target/run.ts';
import { targetOf } from '../../support/target/target.ts';

const GONE = `sha256:${'9'.repeat(64)}`;

describe('a container target whose image is gone', () => {
  const target = targetOf((context) => containerTarget(context, undefined, GONE));

  it('says so, and how it is made again', () => {
    const { isolation } = target().capabilities;
    assert.equal(isolation.available, false);
    assert.match(
      isolation.detail,
      /^podman cannot make a container of the image 999999999999: The image is not there any more/,
    );
    assert.equal(isolation.fix, 'Make it again: "offload image build".');
  });

  it('runs nothing', async () => {
    await assert.rejects(submit(target(), request(target(), 'bash', 'true')), {
      code: 'no-isolation',
      message: /^Nothing can run here: podman cannot/,
      fix: /offload image build/,
    });
  });
});
