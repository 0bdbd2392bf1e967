import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { localFolders } from '../../../src/core/local/folders.ts';
import type { Backend } from '../../../src/editor/deploy/backend.ts';
import type { Offload } from '../../../src/editor/offload.ts';
import { ENVIRONMENT, setEnvironment } from '../../support/aws/environment.ts';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import type { AnsweredDialogs } from './dialogs.ts';
import { fresh } from './extension.ts';

const CONFIG = `[profile work]
region = eu-west-1
[profile single]
sso_session = s
sso_account_id = 123456789012
sso_role_name = dev
region = eu-west-1
[sso-session s]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
`;
const KEYS = `[work]
aws_access_key_id = ${MADE_UP.accessKeyId}
aws_secret_access_key = ${MADE_UP.secretAccessKey}
`;

/** A user with an AWS account of their own, which the extension finds by their AWS configuration. */
export class AwsUser {
  readonly aws: FakeAws;
  readonly offload: Offload;
  readonly dialogs: AnsweredDialogs;
  readonly backend: Backend;
  /** The addresses that were opened outside of the editor. */
  readonly opened: string[] = [];
  readonly #folder: string;
  readonly #restore: () => void;

  private constructor(aws: FakeAws, offload: Offload, dialogs: AnsweredDialogs, backend: Backend) {
    this.aws = aws;
    this.offload = offload;
    this.dialogs = dialogs;
    this.backend = backend;
    this.#folder = mkdtempSync(join(tmpdir(), 'aws-'));
    const [config, keys] = ['config', 'credentials'].map((name) => join(this.#folder, name));
    writeFileSync(config ?? '', CONFIG);
    writeFileSync(keys ?? '', KEYS);
    this.#restore = setEnvironment({
      HOME: this.#folder,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: config ?? '',
      AWS_SHARED_CREDENTIALS_FILE: keys ?? '',
    });
    offload.openLink = (address) => {
      this.opened.push(address);
      return Promise.resolve(true);
    };
    dialogs.picked = ['work', 'eu-west-1', 'None'];
  }

  /** One who deploys with the profile `work` to eu-west-1, without a model, and has not said yes. */
  static async begin(): Promise<AwsUser> {
    const aws = await FakeAws.start();
    aws.functions.answer = () => ENVIRONMENT;
    aws.cloudformation.pace = 100;
    const { offload, dialogs } = await fresh();
    return new AwsUser(aws, offload, dialogs, await offload.backend());
  }

  /** Agrees to plans from now on. */
  agree(): void {
    this.dialogs.answer('Deploy the Offload backend', 'Deploy');
  }

  act(command: string, ...args: unknown[]): Thenable<unknown> {
    return vscode.commands.executeCommand(`offload.${command}`, ...args);
  }

  /** How each step of the top stands in the view. */
  get steps(): Record<string, string> {
    const { top } = this.backend.work.view.steps;
    return Object.fromEntries(top.map(({ event, stopped }) => [event.id, stopped ? 'stopped' : event.state]));
  }

  /** The operations that came in and write something. */
  get writes(): string[] {
    const reads = /:(Get|Describe|List|BatchGet|Head|Filter|DetectStackDrift)/;
    return this.aws.account.operations.filter((name) => !reads.test(name));
  }

  async end(): Promise<void> {
    this.backend.stop();
    this.backend.stopLogs();
    await this.backend.hide();
    // Other tests have no backend in AWS.
    for (const noted of ['deployments', 'deploying'])
      rmSync(join(localFolders().state, noted), { recursive: true, force: true });
    this.#restore();
    await this.aws.dispose();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
