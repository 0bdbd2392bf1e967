import { AwsError } from './aws-error.ts';
import { allows, type Policy, type Use } from './policy.ts';

/** A failure that is asked for. */
export interface Fault {
  code: string;
  message: string;
  status?: number;
  /** How often; once by default. */
  times?: number;
  /** How often it goes well before; never by default. */
  passes?: number;
}

/** What came in. */
export interface Call {
  /** As `codebuild:StartBuild`. */
  operation: string;
  input: object;
}

/** The state that the services of an account share: who may what, what was done, what shall fail. */
export class Account {
  readonly id: string;
  readonly region: string;
  readonly calls: Call[] = [];
  readonly uses: Use[] = [];
  /** What the caller may; everything where absent. */
  policy: Policy | undefined;
  readonly #faults = new Map<string, Fault>();
  readonly #waiting = new Map<string, () => void | Promise<void>>();
  readonly #leaving = new Map<string, () => void | Promise<void>>();
  #serial = 0;

  constructor(id: string, region: string) {
    this.id = id;
    this.region = region;
  }

  get user(): string {
    return `arn:aws:iam::${this.id}:user/dev`;
  }

  arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.region}:${this.id}:${resource}`;
  }

  /** A name's end that nobody else has, as AWS makes them. */
  unique(length = 12): string {
    this.#serial++;
    return `${this.#serial.toString(36)}x7k2m9q4w8e`.slice(0, length).toUpperCase();
  }

  /** Has an operation fail, as `codebuild:StartBuild`. */
  fail(operation: string, fault: Fault): void {
    this.#faults.set(operation, fault);
  }

  /** Has nothing fail any more. */
  heal(): void {
    this.#faults.clear();
  }

  /** Has something happen just before an operation is carried out, once. */
  before(operation: string, what: () => void | Promise<void>): void {
    this.#waiting.set(operation, what);
  }

  /** Has something happen just after an operation was carried out and before it is answered, once. */
  after(operation: string, what: () => void | Promise<void>): void {
    this.#leaving.set(operation, what);
  }

  /** Called when a call was carried out. */
  async carriedOut({ operation }: Call): Promise<void> {
    const leaving = this.#leaving.get(operation);
    this.#leaving.delete(operation);
    await leaving?.();
  }

  /** Throws what was asked for. */
  async arrive(call: Call): Promise<void> {
    this.calls.push(call);
    const waiting = this.#waiting.get(call.operation);
    this.#waiting.delete(call.operation);
    await waiting?.();
    this.throwFault(call.operation);
  }

  throwFault(name: string): void {
    const fault = this.#faults.get(name);
    if (fault === undefined) return;
    const { passes = 0 } = fault;
    if (passes > 0) {
      this.#faults.set(name, { ...fault, passes: passes - 1 });
      return;
    }
    const times = (fault.times ?? 1) - 1;
    if (times === 0) this.#faults.delete(name);
    else this.#faults.set(name, { ...fault, times });
    throw new AwsError(fault.code, fault.message, fault.status);
  }

  /** Notes something that the caller does, itself or through CloudFormation. @throws AwsError where it may not */
  use(action: string, resource: string, context?: Record<string, string>): void {
    const use = { action, resource, ...(context === undefined ? {} : { context }) };
    if (this.policy !== undefined && !allows(this.policy, use)) {
      throw new AwsError(
        'AccessDeniedException',
        `User: ${this.user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        403,
      );
    }
    this.uses.push(use);
  }

  /** The names of the operations that came in. */
  get operations(): string[] {
    return this.calls.map(({ operation }) => operation);
  }
}
