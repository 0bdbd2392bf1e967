import type { MakeTarget } from '../../support/target/target.ts';
import { targetOf } from '../../support/target/target.ts';
import { describeAttach } from './attach.ts';
import { describeBlobs } from './blobs.ts';
import { describeCancel } from './cancel.ts';
import { describeEndings } from './endings.ts';
import { describeFiles } from './files.ts';
import { describeInput } from './input.ts';
import { describeInterpreters } from './interpreters.ts';
import { describeLanguages } from './languages.ts';
import { describeLimits } from './limits.ts';
import { describeRefusals } from './refusals.ts';
import { describeStreams } from './streams.ts';

/**
 * What every target does alike. A test that needs what a target does not have asserts that it is refused there with
 * `not-supported` instead.
 * @param options `queues`: whether runs that are too many wait for their turn in the target
 */
export function describeTarget(name: string, make: MakeTarget, { queues = true } = {}): void {
  describe(name, () => {
    const target = targetOf(make);
    describeStreams(target);
    describeEndings(target);
    describeInput(target);
    describeFiles(target);
    describeBlobs(target);
    describeLanguages(target);
    describeInterpreters(target);
    describeLimits(target);
    describeAttach(target);
    describeCancel(target, queues);
    describeRefusals(target);
  });
}
