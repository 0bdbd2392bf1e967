/** A statement of a session policy. */
export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** A policy of AWS IAM, as far as sessions can have it: without principals. */
export interface SessionPolicy {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}
