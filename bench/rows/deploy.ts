import { setUp } from '../../test/support/aws/deploying.ts';
import { repeated } from '../interleaved.ts';
import type { Row } from '../row.ts';

/** Operations that change nothing; whatever else is called counts as a write. */
const READS = /:(Get|List|Describe|Head|BatchGet|Filter|Invoke)/;

/** A deploy of what is deployed already, to an account that speaks AWS's protocols. */
export const deploying: Row = {
  name: 'deploy',
  rounds: 5,
  async measure({ rounds }) {
    const account = await setUp();
    const { calls } = account.aws.account;
    try {
      await account.deploy();
      const ours = await repeated({ counted: rounds, warmUp: 1 }, async () => {
        calls.length = 0;
        await account.deploy();
        if (calls.length === 0) throw new Error('a deploy that looks at nothing cannot know what is there');
        return calls.filter(({ operation }) => !READS.test(operation)).length;
      });
      return [
        {
          name: 'calls that write, of a deploy that changes nothing',
          unit: 'calls',
          ours,
          reach: { of: 'largest', bound: '≤', value: 0 },
          notes: [`of ${String(calls.length)} calls`],
        },
      ];
    } finally {
      await account.dispose();
    }
  },
};
