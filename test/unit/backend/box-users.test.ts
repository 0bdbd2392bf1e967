import assert from 'node:assert/strict';
import { boxUser, holdsBoxUsers } from '../../../backend/src/isolation/box-users.ts';

describe('the users of boxes', () => {
  it('are there for the root of the machine', () => {
    assert.equal(holdsBoxUsers('         0          0 4294967295\n'), true);
  });

  for (const [who, map] of [
    ['a container without rights', '         0     100000      65536\n'],
    ['a namespace of one user', '         0       1000          1\n'],
    ['a namespace that holds some of them', '0 0 1900000001\n'],
    ['nobody', ''],
  ] as const) {
    it(`are not there for the root of ${who}`, () => {
      assert.equal(holdsBoxUsers(map), false);
    });
  }

  it('are there when a later line of the map has them', () => {
    assert.equal(holdsBoxUsers('0 1000 1\n1 100000 65536\n1900000000 1900000000 65536\n'), true);
  });

  it('are handed out in turn, each a user that nothing else has', () => {
    const users = Array.from({ length: 70_000 }, (_, n) => boxUser(n));
    assert.equal(new Set(users).size, 65_536);
    assert(users.every((user) => user >= 1_879_048_192 && user <= 2_147_483_647));
  });
});
