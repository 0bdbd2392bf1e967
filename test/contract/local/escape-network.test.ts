import { networkEscapes } from '../escape/network.ts';
import { describeLocal } from './describe-local.ts';

describeLocal('the network', networkEscapes);
