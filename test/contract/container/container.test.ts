import { describeTarget } from '../behaviour/describe-target.ts';
import { containerTarget } from '../../support/container/container-target.ts';

describeTarget('the container sandbox', (context) => containerTarget(context));
