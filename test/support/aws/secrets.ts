import * as client from '@aws-sdk/client-secrets-manager';
import type { Account } from './account.ts';
import { AwsError } from './aws-error.ts';
import { jsonWire } from './json.ts';
import type { Service } from './service.ts';

/** AWS Secrets Manager: texts by ARN. */
export class Secrets implements Service {
  readonly name = 'secretsmanager';
  readonly wire = jsonWire(client, 'secretsmanager');
  readonly texts = new Map<string, string>();
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  readonly operations = {
    GetSecretValue: ({ SecretId = '' }: client.GetSecretValueCommandInput) => ({
      ARN: SecretId,
      SecretString: this.#text('secretsmanager:GetSecretValue', SecretId),
    }),
    PutSecretValue: ({ SecretId = '', SecretString = '' }: client.PutSecretValueCommandInput) => {
      this.#text('secretsmanager:PutSecretValue', SecretId);
      this.texts.set(SecretId, SecretString);
      return { ARN: SecretId };
    },
  };

  #text(action: string, arn: string): string {
    this.#account.use(action, arn);
    const text = this.texts.get(arn);
    if (text !== undefined) return text;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
}
