import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftDeploys } from '../../../src/editor/deploy/deploy-notes.ts';
import { DEPLOY_NOTES } from '../../../src/editor/deploy/folders.ts';
import { noted } from '../../../src/editor/deploy/noted-deploy.ts';
import type { Place } from '../../../src/editor/deploy/place.ts';

const PLACE: Place = { profile: 'work', region: 'eu-west-1', stack: 'offload', account: '123456789012' };

describe('a deploy that is noted', () => {
  let state: string;
  let logged: unknown[];
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'noted-'));
    logged = [];
  });
  afterEach(() => {
    rmSync(state, { recursive: true });
  });

  const carry = (carryOut: () => Promise<boolean>, isDisposed = false) => {
    const work = { requireIdle: () => undefined, isDisposed };
    return noted({ state, place: PLACE, work, log: (error) => logged.push(error) }, carryOut);
  };
  const fail = () => Promise.reject(new Error('why it failed'));

  it('leaves how it ended, and nothing where that was its end', async () => {
    await assert.rejects(carry(fail), /why it failed/);
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE, ended: 'failed' }]);
    assert.equal(await carry(() => Promise.resolve(false)), false);
    assert.deepEqual(await leftDeploys(state), [{ place: PLACE, ended: 'stopped' }]);
    assert.equal(await carry(() => Promise.resolve(true)), true);
    assert.deepEqual(await leftDeploys(state), []);
    assert.deepEqual(logged, []);
  });

  it('is left to the next window where its own closes', async () => {
    await assert.rejects(carry(fail, true), /why it failed/);
    assert.deepEqual(await leftDeploys(state), [], 'this process goes on');
  });

  /** From then on nothing can be noted. */
  const spoil = () => {
    rmSync(join(state, DEPLOY_NOTES), { recursive: true });
    writeFileSync(join(state, DEPLOY_NOTES), 'no folder');
  };

  it('says how it ended where that cannot be noted, which is logged', async () => {
    const spoilt = (carryOut: () => Promise<boolean>) => () => {
      spoil();
      return carryOut();
    };
    await assert.rejects(carry(spoilt(fail)), /why it failed/);
    rmSync(join(state, DEPLOY_NOTES));
    assert.equal(await carry(spoilt(() => Promise.resolve(false))), false);
    assert.equal(logged.length, 2);
  });

  it('does not begin where it cannot be noted', async () => {
    writeFileSync(join(state, DEPLOY_NOTES), 'no folder');
    let isBegun = false;
    const begin = () => Promise.resolve((isBegun = true));
    await assert.rejects(carry(begin), { code: 'deploy-failed', fix: /can be written to/ });
    assert.equal(isBegun, false);
  });
});
