import assert from 'node:assert/strict';
import { targetFlags } from '../../../src/cli/target.ts';

describe('the options that name a place again', () => {
  const target = {
    ...{ kind: 'lambda' as const, account: '123456789012' },
    ...{ region: 'eu-west-1', stack: 'offload' },
  };

  it('are none for this machine, and one for a container', () => {
    assert.equal(targetFlags({ target: { kind: 'local' }, aws: undefined }), '');
    assert.equal(targetFlags({ target: { kind: 'container' }, aws: undefined }), ' --target container');
  });

  it('say also by which profile, since two accounts may have the same stack in the same region', () => {
    const flags = (profile: string | undefined) => targetFlags({ target, aws: { profile } });
    const place = ' --target lambda --stack offload --region eu-west-1';
    assert.equal(flags(undefined), place);
    assert.equal(flags('work'), `${place} --profile work`);
    assert.equal(flags("Ann's own"), `${place} --profile 'Ann'\\''s own'`);
  });
});
