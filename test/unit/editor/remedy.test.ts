import assert from 'node:assert/strict';
import { stackFailure } from '../../../src/core/deploy/failure-words.ts';
import { parseBackendOptions, withNetwork } from '../../../src/core/deploy/options.ts';
import { causeChain, commandLine, messageOf, remediesFor } from '../../../src/editor/report/remedy.ts';
import { SettingError } from '../../../src/editor/settings/setting.ts';
import { asOffloadError, ERROR_KINDS, OffloadError, type ErrorCode } from '../../../src/protocol/error.ts';

describe('what is offered with an error', () => {
  for (const [fix, line] of [
    ['Install it: sudo apt-get install bubblewrap', 'sudo apt-get install bubblewrap'],
    ['Install it with: sudo dnf install bubblewrap.', 'sudo dnf install bubblewrap'],
    [
      'On Ubuntu: sudo sysctl -w a.b=0 (or a profile); elsewhere: sudo sysctl -w c.d=1.',
      'sudo sysctl -w a.b=0',
    ],
    ['Open the folder in WSL.', undefined],
  ] as const) {
    it(`finds the line to type in "${fix}"`, () => {
      assert.equal(commandLine(fix), line);
    });
  }

  it('is the line to install isolation with, to type or to copy', () => {
    const error = new OffloadError('no-isolation', 'No bubblewrap.', {
      fix: 'Install it: sudo apt-get install bubblewrap',
    });
    assert.deepEqual(
      remediesFor(error, false).map(({ kind }) => kind),
      ['terminal', 'copy', 'log'],
    );
  });

  it('is the setting that is wrong', () => {
    const [first] = remediesFor(new SettingError('offload.limits.memoryMb', 'must be a number'), false);
    assert.deepEqual(first, {
      kind: 'open-setting',
      label: 'Open Setting',
      setting: 'offload.limits.memoryMb',
    });
  });

  it('is another try only where something can be tried again', () => {
    const error = new OffloadError('no-backend', 'It is not there.');
    assert.ok(remediesFor(error, true).some(({ kind }) => kind === 'retry'));
    assert.ok(!remediesFor(error, false).some(({ kind }) => kind === 'retry'));
  });

  for (const [code, remedy] of [
    ['no-access', { kind: 'command', command: 'offload.setModelKey' }],
    ['no-agent', { kind: 'open-setting', setting: 'offload.agents.*' }],
    ['unknown-model', { kind: 'open-setting', setting: 'offload.task.model' }],
    ['budget-reached', { kind: 'open-setting', setting: 'offload.task.*' }],
    ['agent-failed', { kind: 'retry' }],
    ['model-unreachable', { kind: 'retry' }],
    ['login-expired', { kind: 'log-in' }],
    ['no-image', { kind: 'command', command: 'offload.buildImage' }],
    ['no-engine', { kind: 'retry' }],
    ['no-permission', { kind: 'retry' }],
    ['quota-reached', { kind: 'link' }],
    ['deploy-failed', { kind: 'retry' }],
  ] as const) {
    it(`is for a task that ended with ${code} what helps there`, () => {
      const remedies = remediesFor(new OffloadError(code, 'x'), true);
      assert.ok(
        remedies.some((each) => Object.entries(remedy).every(([key, value]) => each[key as never] === value)),
        JSON.stringify(remedies),
      );
    });
  }

  for (const [code, kinds] of [
    ['budget-reached', ['open-setting', 'go-on', 'log']],
    ['timeout', ['open-setting', 'go-on', 'log']],
    ['no-access', ['command', 'go-on', 'log']],
    ['agent-failed', ['go-on', 'log']],
  ] as const) {
    it(`is to go on with a task that ended with ${code}, for its work is kept`, () => {
      const remedies = remediesFor(new OffloadError(code, 'x'), false, 'r_1');
      assert.deepEqual(
        remedies.map(({ kind }) => kind),
        kinds,
      );
      const [first] = remedies;
      if (code === 'timeout')
        assert.equal(first?.kind === 'open-setting' && first.setting, 'offload.task.minutes');
      assert.equal(remedies.find((each) => each.kind === 'go-on')?.task, 'r_1');
    });
  }

  it('is never more than a notification can hold, and always has the log', () => {
    for (const code of Object.keys(ERROR_KINDS) as ErrorCode[]) {
      const remedies = remediesFor(new OffloadError(code, 'x', { fix: 'Type: sudo x' }), true);
      assert.ok(remedies.length <= 3, code);
      assert.ok(remediesFor(new OffloadError(code, 'x'), true, 'r_1').length <= 3, code);
      assert.equal(remedies.at(-1)?.kind, 'log', code);
    }
  });

  it('is said after what happened and why', () => {
    assert.equal(
      messageOf(new OffloadError('internal', 'It broke', { fix: 'Mend it.' })),
      'It broke. Mend it.',
    );
    assert.equal(messageOf(new OffloadError('internal', 'It broke.')), 'It broke.');
  });

  it('is said in the words of the editor where core says it in those of the command line', () => {
    const said = (fix: string): string => messageOf(new OffloadError('internal', 'x', { fix }));
    assert.equal(
      said('Log in again with "offload login --profile my work" or the AWS CLI.'),
      'x. Log in again with "Offload: Log In to AWS" or the AWS CLI.',
    );
    assert.equal(
      said('Remove it with "offload destroy" and deploy anew.'),
      'x. Remove it with "Offload: Destroy Backend" and deploy anew.',
    );
    assert.equal(said('Make it: "offload image build".'), 'x. Make it: "Offload: Build Container Image".');
    for (const [fix, words] of [
      ['Its whole log: "offload logs build".', 'Its whole log: "Offload: Show Function Logs".'],
      ['See: "offload doctor" tells more.', 'See: "Offload: Doctor" tells more.'],
      [
        'It may be too old to be kept: "offload runs" lists those that are there.',
        'It may be too old to be kept.',
      ],
      [
        'Look at the connection, or name a base of your own, of Debian trixie: "offload image build --base IMAGE".',
        'Look at the connection.',
      ],
      ['See "offload deploy --help" for what it takes.', 'See the settings offload.aws.*.'],
    ] as const)
      assert.equal(said(fix), `x. ${words}`);
    assert.equal(
      said('Use another name with --stack.'),
      'x. Use another name (the setting offload.aws.stack).',
    );
    assert.deepEqual(
      remediesFor(
        new OffloadError('login-expired', 'x', { fix: 'Log in with "offload login --profile my work".' }),
        false,
      )[0],
      { kind: 'log-in', label: 'Log In', profile: 'my work' },
    );
  });

  it('names the settings where core names options of the command line', () => {
    const network = (options: object): string => {
      try {
        withNetwork(parseBackendOptions(options));
        return 'nothing is wrong';
      } catch (error) {
        return messageOf(asOffloadError(error));
      }
    };
    const messages = [
      messageOf(stackFailure('It was not made', 'Memory limit exceeded')),
      messageOf(stackFailure('It was not made', 'offload-control already exists')),
      network({ subnets: ['subnet-0a'] }),
      network({ securityGroups: ['sg-0a'] }),
    ];
    for (const [i, words] of [
      /ask for less, such as memory \(the setting offload\.aws\.memoryMb\)\.$/,
      /use another name \(the setting offload\.aws\.stack\)\.$/,
      /Name them \(the setting offload\.aws\.securityGroups\), or neither: offload\.aws\.subnets of \[\] takes/,
      /Name them \(the setting offload\.aws\.subnets\), or neither/,
    ].entries()) {
      assert.match(messages[i] ?? '', words);
      assert.doesNotMatch(messages[i] ?? '', /--/);
    }
  });

  it('is what a fix names: a policy, a log, where runs go', () => {
    const first = (code: ErrorCode, fix: string) =>
      remediesFor(new OffloadError(code, 'x', { fix }), true)[0];
    assert.deepEqual(first('no-permission', 'Ask for what "offload policy use" prints.'), {
      ...{ kind: 'policy', label: 'Show Policy', policy: 'use' },
    });
    assert.equal(first('no-permission', 'It belongs to another account.')?.kind, 'retry');
    assert.deepEqual(first('deploy-failed', 'Its whole log: "offload logs build".'), {
      ...{ kind: 'command', label: 'Show Function Logs', command: 'offload.showFunctionLogs' },
    });
    assert.deepEqual(first('no-backend', 'Deploy it again; else choose where runs go anew.'), {
      ...{ kind: 'command', label: 'Choose Where Runs Go…', command: 'offload.chooseTarget' },
    });
    assert.equal(
      first('bad-setting', 'Name a region, or set AWS_REGION.')?.kind,
      'retry',
      'it is no setting',
    );
  });

  it('goes to the log with everything that led to it, also when that goes in a circle', () => {
    const inner = new Error('the disk is full');
    const error = new OffloadError('internal', 'outer', { cause: new Error('middle', { cause: inner }) });
    assert.match(causeChain(error), /outer[^]*caused by: [^]*middle[^]*caused by: [^]*the disk is full/);
    inner.cause = error;
    assert.match(causeChain(error), /the disk is full/);
    assert.match(causeChain({ odd: 1 }), /odd: 1/);
  });
});
