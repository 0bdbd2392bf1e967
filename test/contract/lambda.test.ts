import { lambdaTarget } from '../support/target/lambda-target.ts';
import { describeTarget } from './behaviour/describe-target.ts';

describeTarget('AWS Lambda, through its own protocol', (context) => lambdaTarget(context));
