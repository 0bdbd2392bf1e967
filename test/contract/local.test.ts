import { localTarget } from '../support/target/local-target.ts';
import { startingBy, WAYS } from '../support/target/start-ways.ts';
import { userTarget } from '../support/target/user-target.ts';
import { describeTarget } from './behaviour/describe-target.ts';

for (const way of WAYS) {
  describeTarget(`the local sandbox, ${way}`, async () => startingBy(await localTarget(), way));
  describeTarget(`the local sandbox of a user without rights, ${way}`, async (context) =>
    startingBy(await userTarget(context), way),
  );
}
