import { localTarget } from '../../support/target/local-target.ts';
import { startingBy, WAYS } from '../../support/target/start-ways.ts';
import { targetOf, type Target } from '../../support/target/target.ts';
import { userTarget } from '../../support/target/user-target.ts';

/**
 * The same tests for the local sandbox of whoever runs them and, as root, of a user without rights, whose boxes start
 * from a process that waits for them, and from none.
 */
export function describeLocal(name: string, tests: (target: () => Target) => void): void {
  for (const way of WAYS) {
    describe(`the local sandbox, ${way}: ${name}`, () => {
      tests(targetOf(async () => startingBy(await localTarget(), way)));
    });
    describe(`the local sandbox of a user without rights, ${way}: ${name}`, () => {
      tests(targetOf(async (context) => startingBy(await userTarget(context), way)));
    });
  }
}
