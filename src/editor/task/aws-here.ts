import * as vscode from 'vscode';
import { awsProfiles } from '../../core/aws/profiles.ts';
import { resolveRegion } from '../../core/aws/region.ts';
import { SECTION } from '../settings/setting.ts';
import type { AwsHere } from './ask-role.ts';

/** Roles that are remembered at most. */
const MAX_ROLES = 20;

/** AWS as this machine knows it. @param roles as the settings have them */
export const awsHere = (roles: readonly string[]): AwsHere => ({
  roles,
  async remember(arn) {
    const kept = [arn, ...roles.filter((each) => each !== arn)].slice(0, MAX_ROLES);
    const configuration = vscode.workspace.getConfiguration(SECTION);
    await configuration.update('aws.roles', kept, vscode.ConfigurationTarget.Global);
  },
  profiles: async () => (await awsProfiles()).map(({ name }) => name),
  region: (profile) => resolveRegion({ profile }).catch(() => undefined),
});
