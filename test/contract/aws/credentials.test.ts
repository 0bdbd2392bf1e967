import assert from 'node:assert/strict';
import dns from 'node:dns';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAwsError } from '../../../src/core/aws/aws-error.ts';
import { AwsClients, type AwsChoice } from '../../../src/core/aws/clients.ts';
import { awsIdentity, type AwsIdentity } from '../../../src/core/aws/identity.ts';
import { awsProfiles } from '../../../src/core/aws/profiles.ts';
import { ssoLogin, type SsoPrompt } from '../../../src/core/aws/sso-login.ts';
import { resolveRegion } from '../../../src/core/aws/region.ts';
import { setEnvironment } from '../../support/aws/deploying.ts';
import { FakeAws, MADE_UP } from '../../support/aws/fake-aws.ts';
import { MFA_CODE } from '../../support/aws/sts.ts';

const { accessKeyId, secretAccessKey } = MADE_UP;
const KEYS = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;

describe('AWS credentials', () => {
  let aws: FakeAws;
  let home: string;
  let restore: () => void;
  const program = (): string => join(home, 'give-credentials');

  beforeEach(async () => {
    aws = await FakeAws.start();
    home = mkdtempSync(join(tmpdir(), 'aws-'));
    mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true });
    restore = setEnvironment({
      HOME: home,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    const given = JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
    writeFileSync(program(), `#!/bin/sh\necho '${given}'\n`, { mode: 0o755 });
    writeFileSync(join(home, 'token'), 'made-up-token');
    writeFileSync(
      join(home, '.aws', 'credentials'),
      `[keys]\n${KEYS}[wrong]\n${KEYS.replace('AKID', 'AKIX')}[bad-secret]\n${KEYS.trimEnd()}x\n`,
    );
    writeFileSync(
      join(home, '.aws', 'config'),
      [
        '[default]\nregion = eu-central-1',
        '[profile keys]\nregion = eu-west-1',
        `[profile process]\ncredential_process = ${program()}\nregion = eu-west-1`,
        '[profile role]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = keys\nregion = eu-west-1',
        '[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = keys\nmfa_serial = arn:aws:iam::123456789012:mfa/phone\nregion = eu-west-1',
        `[profile web]\nrole_arn = arn:aws:iam::123456789012:role/ci\nweb_identity_token_file = ${join(home, 'token')}\nregion = eu-west-1`,
        '[profile sso]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = dev\nregion = eu-west-1',
        '[sso-session work]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_registration_scopes = sso:account:access',
        '[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1',
      ].join('\n\n') + '\n',
    );
  });

  afterEach(async () => {
    restore();
    await aws.dispose();
    rmSync(home, { recursive: true });
  });

  const identify = async (choice: AwsChoice): Promise<AwsIdentity> => {
    const clients = await AwsClients.open(choice);
    try {
      return await awsIdentity(clients);
    } catch (error) {
      throw asAwsError(error, clients);
    } finally {
      clients.dispose();
    }
  };

  for (const profile of ['keys', 'process', 'role', 'web']) {
    it(`come from the profile "${profile}"`, async () => {
      assert.equal((await identify({ profile })).account, '123456789012');
    });
  }

  it('come from the environment', async () => {
    Object.assign(process.env, aws.env);
    assert.equal((await identify({})).account, '123456789012');
  });

  it('come with the code of a device, which is asked for', async () => {
    const asked: string[] = [];
    const askMfaCode = (device: string): Promise<string> => {
      asked.push(device);
      return Promise.resolve(MFA_CODE);
    };
    assert.equal((await identify({ profile: 'mfa', askMfaCode })).account, '123456789012');
    assert.deepEqual(asked, ['arn:aws:iam::123456789012:mfa/phone']);
    await assert.rejects(identify({ profile: 'mfa' }), { code: 'no-credentials', message: /multi-factor/ });
    await assert.rejects(identify({ profile: 'mfa', askMfaCode: () => Promise.resolve('000000') }), {
      code: 'no-credentials',
      message: /code of the multi-factor device was wrong/,
    });
  });

  it('are not asked for without the code of a device, where none is given', async () => {
    for (const code of ['', ' ']) {
      aws.account.calls.length = 0;
      await assert.rejects(identify({ profile: 'mfa', askMfaCode: () => Promise.resolve(code) }), {
        code: 'no-credentials',
        message: /No code of the multi-factor device/,
      });
      assert.deepEqual(aws.account.operations, []);
    }
  });

  it('of a login are asked for in the region that it says, not in that of the backend', async () => {
    appendFileSync(
      join(home, '.aws', 'config'),
      '\n[profile far]\nsso_session = far\nsso_account_id = 123456789012\nsso_role_name = dev\nregion = eu-west-1\n' +
        '\n[sso-session far]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n',
    );
    const name = createHash('sha1').update('far').digest('hex');
    const token = {
      startUrl: 'x',
      accessToken: 'x',
      expiresAt: new Date(Date.now() + 3600_000).toISOString(),
    };
    writeFileSync(join(home, '.aws', 'sso', 'cache', `${name}.json`), JSON.stringify(token));
    delete process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    const asked = new Set<string>();
    // No call leaves this machine.
    const { lookup } = dns;
    const nowhere = (host: string, ...rest: unknown[]): void => {
      asked.add(host);
      const answer = rest.at(-1) as (error: Error) => void;
      answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }));
    };
    dns.lookup = nowhere as typeof dns.lookup;
    try {
      await assert.rejects(identify({ profile: 'far', region: 'eu-west-1' }));
    } finally {
      dns.lookup = lookup;
    }
    assert.deepEqual([...asked], ['portal.sso.us-east-1.amazonaws.com']);
  });

  it('are missed in words', async () => {
    await assert.rejects(identify({ region: 'eu-west-1' }), {
      code: 'no-credentials',
      message: 'There are no AWS credentials.',
    });
    await assert.rejects(identify({ region: 'eu-west-1', profile: 'nobody' }), {
      code: 'no-credentials',
      message: /There is no profile "nobody"/,
      fix: /default, keys, mfa,/,
    });
    await assert.rejects(identify({ profile: 'nobody' }), { code: 'no-credentials', message: /"nobody"/ });
  });

  it('that AWS does not know are said to be wrong, each for its reason', async () => {
    await assert.rejects(identify({ profile: 'wrong', region: 'eu-west-1' }), {
      code: 'no-credentials',
      message: 'AWS does not know these credentials in eu-west-1.',
    });
    await assert.rejects(identify({ profile: 'bad-secret', region: 'eu-west-1' }), {
      code: 'no-credentials',
      message: /secret key/,
    });
  });

  it('of a login that has run out ask to log in again', async () => {
    await assert.rejects(identify({ profile: 'sso' }), { code: 'login-expired', message: /login/ });
    const name = createHash('sha1').update('work').digest('hex');
    writeFileSync(
      join(home, '.aws', 'sso', 'cache', `${name}.json`),
      JSON.stringify({
        startUrl: 'https://example.awsapps.com/start',
        accessToken: 'x',
        expiresAt: '2020-01-01T00:00:00Z',
      }),
    );
    await assert.rejects(identify({ profile: 'sso' }), (error: Error & { code?: string; fix?: string }) => {
      assert.equal(error.code, 'login-expired');
      assert.match(error.fix ?? '', /offload login --profile sso/);
      return true;
    });
  });

  it('come by a login that a person confirms in a browser, and are kept for this user alone', async () => {
    const shown: SsoPrompt[] = [];
    const signal = new AbortController().signal;
    await ssoLogin({ profile: 'sso', show: (prompt) => shown.push(prompt), signal });
    assert.deepEqual(shown, [
      { url: 'https://device.sso.eu-west-1.amazonaws.com/?user_code=ABCD-EFGH', code: 'ABCD-EFGH' },
    ]);
    assert.equal((await identify({ profile: 'sso' })).account, '123456789012');
    const cache = join(home, '.aws', 'sso', 'cache');
    for (const name of readdirSync(cache)) assert.equal(statSync(join(cache, name)).mode & 0o077, 0, name);
    assert.equal(readdirSync(cache).length, 1);
  });

  it('of a role come by the login of the profile that it is taken with', async () => {
    appendFileSync(
      join(home, '.aws', 'config'),
      '\n[profile by-login]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = sso\nregion = eu-west-1\n' +
        '\n[profile circle]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = circle\n',
    );
    const { signal } = new AbortController();
    await ssoLogin({ profile: 'by-login', show: () => undefined, signal });
    assert.equal((await identify({ profile: 'by-login' })).account, '123456789012');
    await assert.rejects(ssoLogin({ profile: 'circle', show: () => undefined, signal }), {
      code: 'bad-setting',
    });
  });

  it('are not there where the login is refused, stopped, or not one', async () => {
    const show = (): void => undefined;
    const signal = new AbortController().signal;
    aws.sso.refusal = 'access_denied';
    await assert.rejects(ssoLogin({ profile: 'sso', show, signal }), {
      code: 'login-expired',
      message: /refused by the user/,
    });
    await assert.rejects(ssoLogin({ profile: 'keys', show, signal }), { code: 'bad-setting' });
    aws.sso.refusal = undefined;
    aws.sso.pending = 1_000_000;
    const stop = new AbortController();
    await assert.rejects(
      ssoLogin({ profile: 'sso', show: () => stop.abort(new Error('stopped')), signal: stop.signal }),
      /stopped/,
    );
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    await assert.rejects(ssoLogin({ profile: 'sso', show, signal }), { code: 'aws-unreachable' });
    assert.deepEqual(readdirSync(join(home, '.aws', 'sso', 'cache')), []);
  });

  it('are offered by the names of their profiles, and no secret with them', async () => {
    const profiles = await awsProfiles();
    assert.deepEqual(
      profiles.map(({ name, kind, region }) => [name, kind, region]),
      [
        ['bad-secret', 'keys', undefined],
        ['default', 'other', 'eu-central-1'],
        ['keys', 'keys', 'eu-west-1'],
        ['mfa', 'role', 'eu-west-1'],
        ['process', 'process', 'eu-west-1'],
        ['role', 'role', 'eu-west-1'],
        ['sso', 'sso', 'eu-west-1'],
        ['web', 'role', 'eu-west-1'],
        ['wrong', 'keys', undefined],
      ],
    );
    assert.doesNotMatch(JSON.stringify(profiles), /made-up/);
  });

  it('need a region: the named one, the environment’s, else the profile’s', async () => {
    assert.equal(await resolveRegion({ profile: 'keys', env: {} }), 'eu-west-1');
    assert.equal(await resolveRegion({ env: {} }), 'eu-central-1');
    assert.equal(await resolveRegion({ profile: 'keys', env: { AWS_REGION: 'us-east-1' } }), 'us-east-1');
    assert.equal(
      await resolveRegion({ region: 'us-gov-west-1', env: { AWS_REGION: 'us-east-1' } }),
      'us-gov-west-1',
    );
    await assert.rejects(resolveRegion({ profile: 'wrong', env: {} }), {
      code: 'bad-setting',
      message: 'No AWS region is set.',
    });
    for (const region of ['eu west', 'Ireland', 'eu-west-1.evil.example/', '../x', 'eu-west-']) {
      await assert.rejects(resolveRegion({ region }), { code: 'bad-setting' }, region);
    }
  });

  it('go nowhere where AWS cannot be reached, which is said', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:9';
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    await assert.rejects(identify({ profile: 'keys' }), {
      code: 'aws-unreachable',
      message: /cannot be reached/,
    });
    process.env['AWS_ENDPOINT_URL'] = 'http://sts.eu-wets-1.invalid';
    await assert.rejects(identify({ profile: 'keys', region: 'eu-wets-1' }), {
      code: 'aws-unreachable',
      message: 'There is no address sts.eu-wets-1.invalid.',
    });
  });
});
