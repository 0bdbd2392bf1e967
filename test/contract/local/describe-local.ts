import { localTarget } from '../../support/target/local-target.ts';
import { targetOf, type Target } from '../../support/target/target.ts';
import { userTarget } from '../../support/target/user-target.ts';

/** The same tests for the local sandbox of whoever runs them and, as root, of a user without rights. */
export function describeLocal(name: string, tests: (target: () => Target) => void): void {
  describe(`the local sandbox: ${name}`, () => {
    tests(targetOf(() => localTarget()));
  });
  describe(`the local sandbox of a user without rights: ${name}`, () => {
    tests(targetOf(userTarget));
  });
}
