import type { ServerResponse } from 'node:http';
import { SESSION } from './sts.ts';
import type { WireRequest } from './wire.ts';

/** IAM Identity Center: a login by device code, and the credentials of a role for its token. Calls are not signed. */
export class Sso {
  /** How often a token is asked for before the person has confirmed. */
  pending = 2;
  /** What the person answers, or the code of a refusal. */
  refusal: string | undefined;
  /** The token that is good now. */
  token = 'made-up-sso-token';

  /** Answers a request that is one of its own. */
  answer({ target, headers, body }: WireRequest, response: ServerResponse): boolean {
    const path = target.split('?')[0] ?? '';
    const asked = (): Record<string, unknown> => JSON.parse(body.toString()) as Record<string, unknown>;
    const send = (status: number, value: object): true => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      return true;
    };
    if (path === '/client/register') {
      const { clientName, clientType } = asked();
      if (typeof clientName !== 'string' || clientType !== 'public')
        return send(400, { error: 'invalid_request' });
      return send(200, {
        clientId: 'id',
        clientSecret: 'secret',
        clientSecretExpiresAt: Date.now() / 1000 + 86_400,
      });
    }
    if (path === '/device_authorization') {
      const { clientId, clientSecret, startUrl } = asked();
      const good =
        clientId === 'id' && clientSecret === 'secret' && startUrl === 'https://example.awsapps.com/start';
      if (!good) return send(400, { error: 'invalid_request' });
      const verificationUri = 'https://device.sso.eu-west-1.amazonaws.com/';
      return send(200, {
        deviceCode: 'device',
        userCode: 'ABCD-EFGH',
        verificationUri,
        verificationUriComplete: `${verificationUri}?user_code=ABCD-EFGH`,
        expiresIn: 600,
        interval: 0.01,
      });
    }
    if (path === '/token') {
      const { deviceCode, grantType } = asked();
      if (deviceCode !== 'device' || grantType !== 'urn:ietf:params:oauth:grant-type:device_code') {
        return send(400, { error: 'invalid_grant' });
      }
      if (this.refusal !== undefined)
        return send(400, { error: this.refusal, error_description: 'refused by the user' });
      if (this.pending-- > 0) return send(400, { error: 'authorization_pending' });
      return send(200, {
        accessToken: this.token,
        tokenType: 'Bearer',
        expiresIn: 28_800,
        refreshToken: 'refresh',
      });
    }
    if (path === '/federation/credentials') {
      if (headers['x-amz-sso_bearer_token'] !== this.token) {
        response.setHeader('x-amzn-errortype', 'UnauthorizedException');
        return send(401, { message: 'Session token not found or invalid' });
      }
      const { accessKeyId, secretAccessKey, sessionToken } = SESSION;
      const expiration = Date.now() + 3600_000;
      return send(200, { roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration } });
    }
    return false;
  }
}
