import { localTarget } from '../support/target/local-target.ts';
import { userTarget } from '../support/target/user-target.ts';
import { describeTarget } from './behaviour/describe-target.ts';

describeTarget('the local sandbox', () => localTarget());
describeTarget('the local sandbox of a user without rights', userTarget);
