import * as vscode from 'vscode';
import { awsProfiles } from '../../core/aws/profiles.ts';
import { resolveRegion } from '../../core/aws/region.ts';
import { readTaskSettings } from '../settings/read-settings.ts';
import { SECTION } from '../settings/setting.ts';
import type { AwsHere } from './ask-role.ts';

/** Roles that are remembered at most. */
const MAX_ROLES = 20;

/**
 * AWS as this machine knows it.
 * @param roles as the settings have them
 * @param onError is told why a role cannot be remembered: it can be used all the same
 */
export const awsHere = (
  roles: readonly string[],
  onError: (error: unknown) => void = () => undefined,
): AwsHere => ({
  roles,
  async remember(arn) {
    try {
      // Another window, or the dialog before, may have added to them.
      const now = readTaskSettings().roles;
      const kept = [arn, ...now.filter((each) => each !== arn)].slice(0, MAX_ROLES);
      const configuration = vscode.workspace.getConfiguration(SECTION);
      await configuration.update('aws.roles', kept, vscode.ConfigurationTarget.Global);
    } catch (error) {
      onError(error);
    }
  },
  profiles: async () => (await awsProfiles()).map(({ name }) => name),
  region: (profile) => resolveRegion({ profile }).catch(() => undefined),
});
