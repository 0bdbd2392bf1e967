/** Users and their policies in moto's account, and whether policies are enforced there. */
export class MotoAccount {
  readonly #endpoint: string;

  /** @param endpoint of moto's server, with nothing enforced yet */
  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Makes a user who may what a policy says. Gives an access key of theirs. */
  async user(name: string, policy: string): Promise<{ id: string; secret: string }> {
    await this.#iam({ Action: 'CreateUser', UserName: name });
    await this.#iam({
      Action: 'PutUserPolicy',
      UserName: name,
      PolicyName: 'documented',
      PolicyDocument: policy,
    });
    const key = await this.#iam({ Action: 'CreateAccessKey', UserName: name });
    const [, id = ''] = /<AccessKeyId>([^<]+)</.exec(key) ?? [];
    const [, secret = ''] = /<SecretAccessKey>([^<]+)</.exec(key) ?? [];
    return { id, secret };
  }

  /** From now on signatures are checked and policies are enforced. */
  async enforce(): Promise<void> {
    const answer = await fetch(`${this.#endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** A call of IAM's query protocol. Who signed it is not looked at yet; only which service it is for. */
  async #iam(parameters: Record<string, string>): Promise<string> {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIDMADEUPEXAMPLE/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0';
    const answer = await fetch(this.#endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
      body: new URLSearchParams({ Version: '2010-05-08', ...parameters }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  }
}
