/** A statement of an IAM policy, as far as ours use the language. */
export interface Statement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Policy {
  Version: string;
  Statement: Statement[];
}

/** One thing that was done, or asked to be. */
export interface Use {
  action: string;
  resource: string;
  /** The condition keys that the call has. */
  context?: Record<string, string>;
}

const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

/** IAM's own patterns: `*` any text, `?` any character. */
export function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The (statement, action, resource) triples of a policy that allow a use. @throws Error where it denies: ours only allow */
export function grantsOf(policy: Policy, use: Use): string[] {
  return policy.Statement.flatMap((statement) => {
    if (statement.Effect !== 'Allow')
      throw new Error(`the fake knows no statement that denies: ${statement.Sid}`);
    if (!conditionsHold(statement, use)) return [];
    const actions = list(statement.Action).filter((each) =>
      like(each.toLowerCase(), use.action.toLowerCase()),
    );
    const resources = list(statement.Resource).filter((each) => like(each, use.resource));
    return actions.flatMap((action) => resources.map((resource) => grantName(statement, action, resource)));
  });
}

const grantName = ({ Sid }: Statement, action: string, resource: string): string =>
  `${Sid}: ${action} on ${resource}`;

/** Every (statement, action) pair of a policy, and every (statement, resource) one. */
export const pairsOf = ({ Statement }: Policy): string[] =>
  Statement.flatMap(({ Sid, Action, Resource }) => [
    ...list(Action).map((action) => `${Sid}: ${action}`),
    ...list(Resource).map((resource) => `${Sid} on ${resource}`),
  ]);

export const allows = (policy: Policy, use: Use): boolean => grantsOf(policy, use).length > 0;

function conditionsHold({ Condition = {} }: Statement, { context = {} }: Use): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = context[key];
      if (value === undefined) return false;
      if (operator === 'StringEquals') return list(wanted).includes(value);
      if (operator === 'StringLike') return list(wanted).some((each) => like(each, value));
      throw new Error(`the fake knows no condition ${operator}`);
    }),
  );
}
