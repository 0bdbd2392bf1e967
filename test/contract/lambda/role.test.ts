import assert from 'node:assert/strict';
import { FunctionCaller } from '../../../src/core/lambda/function-caller.ts';
import type { SessionCredentials } from '../../../src/protocol/credentials.ts';
import type { TaskRequest } from '../../../src/protocol/task.ts';
import { say, turn } from '../../support/messages-api/turn.ts';
import type { DeployedTestTarget } from '../../support/target/deployed-target.ts';
import { request, run as runProgram, succeeded } from '../../support/target/run.ts';
import { run } from '../../support/task/claude-tools.ts';
import { deployedTasks, stored, written } from '../../support/task/deployed-tasks.ts';
import { completed, failedWith } from '../../support/task/ends.ts';
import { FollowedTask } from '../../support/task/followed-task.ts';
import { taskRequest } from '../../support/task/task-request.ts';

/** Of a role's session; made up. */
const credentials: SessionCredentials = {
  accessKeyId: 'ASIAMADEUPOFTHEROLE1',
  secretAccessKey: 'made-up-secret-of-the-role',
  sessionToken: 'made-up-token-of-the-role',
  region: 'eu-central-1',
  expires: Date.now() + 3600_000,
};
const SECRETS = [credentials.accessKeyId, credentials.secretAccessKey, credentials.sessionToken];

const PRINT = 'env | grep ^AWS_ | sort; echo "${#AWS_SESSION_TOKEN} characters"';
/** What it prints, as everybody sees it. The function's own variables are not among them. */
const PRINTED = [
  'AWS_ACCESS_KEY_ID=[redacted]',
  'AWS_DEFAULT_REGION=eu-central-1',
  'AWS_EC2_METADATA_DISABLED=true',
  'AWS_REGION=eu-central-1',
  'AWS_SECRET_ACCESS_KEY=[redacted]',
  'AWS_SESSION_TOKEN=[redacted]',
  'AWS_STS_REGIONAL_ENDPOINTS=regional',
  `${String(credentials.sessionToken.length)} characters`,
].join('\n');

const wish = (): TaskRequest =>
  taskRequest({ prompt: 'look', model: 'claude-sonnet-4-5', network: 'open', credentials });

describe('a role on AWS Lambda', () => {
  const tasks = deployedTasks(
    ({ messages }) => (messages.some(({ role }) => role === 'assistant') ? say('Done.') : turn([run(PRINT)])),
    { runnerSeconds: 80 },
  );
  let on: DeployedTestTarget;
  before(() => {
    ({ on } = tasks());
  });

  const nowhere = (told: object): void => {
    const seen = JSON.stringify(told) + written(on);
    for (const secret of SECRETS) assert(!seen.includes(secret), `${secret} is written somewhere`);
  };

  it('is had by a program, and stands in no store and no log', async () => {
    const told = succeeded(await runProgram(on, 'bash', PRINT, { network: 'open', credentials }));
    assert.equal(told.stdout, `${PRINTED}\n`);
    assert(written(on).includes(told.runId), 'nothing was looked at');
    nowhere(told.events);
  });

  it('is had by a program whose request is too large for an invocation', async () => {
    const content = { base64: Buffer.alloc(5 * 1024 * 1024, 1).toString('base64') };
    const files = [{ path: 'large', mode: 0o644, content }];
    const told = succeeded(await runProgram(on, 'bash', PRINT, { network: 'open', credentials, files }));
    assert.equal(told.stdout, `${PRINTED}\n`);
    assert(
      [...on.s3.objects.keys()].some((key) => key.startsWith('blobs/')),
      'the request was not stored',
    );
    nowhere(told.events);
  });

  it('is kept out of the record by control, too, should a client send it there', async () => {
    const { endpoint, region, credentials: own } = on.endpoint;
    const caller = new FunctionCaller({ region, endpoint, credentials: own });
    const asked = request(on, 'bash', PRINT, { network: 'open', credentials });
    const answers: object[] = [];
    const payload = Buffer.from(JSON.stringify(asked));
    for await (const answer of caller.call({ functionName: on.control }, payload)) answers.push(answer);
    caller.dispose();
    assert.equal((answers[0] as { type: string }).type, 'grant');
    assert(on.s3.objects.has(`runs/${asked.runId}/request.json`));
    nowhere(answers);
  });

  it('is had by the commands of a task and by its check', async () => {
    const task = new FollowedTask(on.sandbox, { ...wish(), check: PRINT });
    completed(await task.ended);
    assert(task.results[0]?.text.includes(PRINTED), JSON.stringify(task.results));
    const check = task.events.flatMap((event) => (event.type === 'output' ? [event.text] : []));
    assert.equal(check.join(''), `${PRINTED}\n`);
    nowhere(task.events);
  });
});

describe('a role for a task that is longer than its function', () => {
  const tasks = deployedTasks(() => turn([run(`${PRINT}; touch made; sleep 60`)]), { runnerSeconds: 24 });
  let on: DeployedTestTarget;
  before(() => {
    ({ on } = tasks());
  });

  it('ends with the function, and leaves nothing of what its agent has seen', async () => {
    const task = new FollowedTask(on.sandbox, wish());
    failedWith(await task.ended, 'timeout');
    assert.deepEqual(task.changedPaths, ['made']);
    const keys = [...on.s3.objects.keys()];
    assert(keys.some((key) => key.startsWith(`runs/${task.runId}/`)));
    assert.deepEqual(
      keys.filter((key) => /checkpoint|moves/.test(key)),
      [],
    );
    for (const secret of SECRETS) assert(!stored(on).includes(secret), `${secret} is in the store`);
  });

  it('is refused more time than that', async () => {
    const task = new FollowedTask(on.sandbox, { ...wish(), limits: { wallSeconds: 600 } });
    const { message } = failedWith(await task.ended, 'not-supported');
    assert.match(message, /a task of 600 s with credentials for AWS/);
  });
});
