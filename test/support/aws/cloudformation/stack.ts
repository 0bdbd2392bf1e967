import { randomUUID } from 'node:crypto';
import type { StackEvent, Tag } from '@aws-sdk/client-cloudformation';
import type { Account } from '../account.ts';
import type { Parts } from '../parts.ts';
import { KINDS, type Made, type Making } from './resources.ts';
import { evaluate, holds, NotThere, type Scope, type Template } from './template.ts';

interface Standing {
  type: string;
  properties: Record<string, unknown>;
  made: Made;
}

/** What a stack shall be. */
export interface Wanted {
  template: Template;
  parameters: Record<string, string>;
}

/** A stack, and the operation that it is in. An operation goes on by a few resources each time somebody looks. */
export class Stack {
  readonly name: string;
  readonly id: string;
  status = 'REVIEW_IN_PROGRESS';
  reason: string | undefined;
  now: Wanted | undefined;
  outputs: Record<string, string> = {};
  tags: Tag[] = [];
  /** What was changed or deleted behind the stack's back: the properties by the resource, none for a deleted one. */
  readonly drifted = new Map<string, string[]>();
  readonly created = new Date();
  /** When something was last changed, as CloudFormation has it: when that began. */
  updated: Date | undefined;
  readonly resources = new Map<string, Standing>();
  readonly events: StackEvent[] = [];
  readonly #account: Account;
  readonly #aws: Parts;
  #operation: Generator<undefined> | undefined;

  constructor(name: string, account: Account, aws: Parts) {
    this.name = name;
    this.#account = account;
    this.#aws = aws;
    this.id = account.arn('cloudformation', `stack/${name}/${randomUUID()}`);
  }

  get busy(): boolean {
    return this.#operation !== undefined;
  }

  /** Goes on by some resources. */
  look(resources: number): void {
    for (let i = 0; i < resources && this.#operation !== undefined; i++) {
      if (this.#operation.next().done === true) this.#operation = undefined;
    }
  }

  create(wanted: Wanted, onFailure: string): void {
    this.updated = new Date();
    this.#say('CREATE_IN_PROGRESS', 'User Initiated');
    this.#operation = this.#creating(wanted, onFailure);
  }

  update(wanted: Wanted): void {
    this.updated = new Date();
    this.#say('UPDATE_IN_PROGRESS', 'User Initiated');
    this.#operation = this.#updating(wanted);
  }

  remove(): void {
    this.#say('DELETE_IN_PROGRESS', 'User Initiated');
    this.#operation = this.#removing('DELETE_COMPLETE', 'DELETE_FAILED');
  }

  /** The resources that a change would add, change and remove. */
  difference(wanted: Wanted): { added: string[]; changed: string[]; removed: string[] } {
    const scope = this.#scope(wanted);
    const there = this.#thereIn(wanted);
    const changed = there.filter((id) => {
      const standing = this.resources.get(id);
      if (standing === undefined) return false;
      try {
        return differs(standing.properties, evaluate(wanted.template.Resources[id]?.Properties, scope));
      } catch (error) {
        if (error instanceof NotThere) return true;
        throw error;
      }
    });
    return {
      added: there.filter((id) => !this.resources.has(id)),
      changed,
      removed: [...this.resources.keys()].filter((id) => !there.includes(id)),
    };
  }

  *#creating(wanted: Wanted, onFailure: string): Generator<undefined> {
    const failure = yield* this.#apply(wanted);
    if (failure === undefined) {
      this.#finish(wanted, 'CREATE_COMPLETE');
      return;
    }
    const gone = onFailure === 'DELETE';
    const message = `The following resource(s) failed to create: [${failure}]. `;
    this.#say(gone ? 'DELETE_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS', `${message}Rollback requested by user.`);
    yield* gone
      ? this.#removing('DELETE_COMPLETE', 'DELETE_FAILED')
      : this.#removing('ROLLBACK_COMPLETE', 'ROLLBACK_FAILED');
  }

  *#updating(wanted: Wanted): Generator<undefined> {
    const before = this.now;
    const failure = yield* this.#apply(wanted);
    if (failure === undefined) {
      this.#finish(wanted, 'UPDATE_COMPLETE');
      return;
    }
    this.#say('UPDATE_ROLLBACK_IN_PROGRESS', `The following resource(s) failed to update: [${failure}].`);
    const stuck = before === undefined ? undefined : yield* this.#apply(before);
    if (stuck === undefined) this.#say('UPDATE_ROLLBACK_COMPLETE');
    else this.#say('UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${stuck}].`);
  }

  *#removing(done: string, failed: string): Generator<undefined> {
    const stuck: string[] = [];
    for (const id of [...this.resources.keys()].reverse()) {
      if (!this.#removeOne(id)) stuck.push(id);
      yield undefined;
    }
    if (stuck.length === 0) this.#say(done);
    else this.#say(failed, `The following resource(s) failed to delete: [${stuck.join(', ')}].`);
  }

  /** Makes and changes resources, each after those that it names; gives the one that failed. */
  *#apply(wanted: Wanted): Generator<undefined, string | undefined> {
    const scope = this.#scope(wanted);
    let left = this.#thereIn(wanted);
    while (left.length > 0) {
      const waiting: string[] = [];
      for (const id of left) {
        const outcome = this.#applyOne(id, wanted, scope);
        if (outcome === 'later') waiting.push(id);
        else {
          yield undefined;
          if (outcome === 'failed') return id;
        }
      }
      if (waiting.length === left.length) throw new Error(`nothing gives what ${waiting.join()} refer to`);
      left = waiting;
    }
    for (const id of this.difference(wanted).removed) {
      this.#removeOne(id);
      yield undefined;
    }
    return undefined;
  }

  #applyOne(id: string, wanted: Wanted, scope: Scope): 'done' | 'later' | 'failed' {
    const resource = wanted.template.Resources[id];
    if (resource === undefined) throw new Error(id);
    const standing = this.resources.get(id);
    // What has a condition that does not hold is not waited for.
    const there = this.#thereIn(wanted);
    const isLacking = (other: string): boolean => there.includes(other) && !this.resources.has(other);
    if ([resource.DependsOn ?? []].flat().some(isLacking)) return 'later';
    let properties: Record<string, unknown>;
    try {
      properties = evaluate(resource.Properties, scope) as Record<string, unknown>;
    } catch (error) {
      if (error instanceof NotThere) return 'later';
      throw error;
    }
    if (standing !== undefined && !differs(standing.properties, properties)) return 'done';
    const verb = standing === undefined ? 'CREATE' : 'UPDATE';
    const kind = KINDS[resource.Type];
    if (kind === undefined) throw new Error(`the fake knows no ${resource.Type}`);
    this.#event(id, resource.Type, `${verb}_IN_PROGRESS`);
    const making = this.#making(id, properties);
    try {
      this.#account.throwFault(`resource:${id}`);
      if (standing === undefined) {
        this.resources.set(id, { type: resource.Type, properties, made: kind.create(making) });
      } else {
        kind.update?.(making, standing.made);
        standing.properties = properties;
      }
    } catch (error) {
      this.#event(id, resource.Type, `${verb}_FAILED`, (error as Error).message);
      return 'failed';
    }
    this.#event(id, resource.Type, `${verb}_COMPLETE`);
    return 'done';
  }

  #removeOne(id: string): boolean {
    const standing = this.resources.get(id);
    if (standing === undefined) return true;
    const { type, properties, made } = standing;
    this.#event(id, type, 'DELETE_IN_PROGRESS');
    try {
      this.#account.throwFault(`remove:${id}`);
      KINDS[type]?.remove(this.#making(id, properties), made);
    } catch (error) {
      this.#event(id, type, 'DELETE_FAILED', (error as Error).message);
      return false;
    }
    this.resources.delete(id);
    this.#event(id, type, 'DELETE_COMPLETE');
    return true;
  }

  #finish(wanted: Wanted, status: string): void {
    this.now = wanted;
    const scope = this.#scope(wanted);
    this.outputs = Object.fromEntries(
      Object.entries(wanted.template.Outputs)
        .filter(([, { Condition }]) => Condition === undefined || holds(Condition, scope))
        .map(([name, { Value }]) => [name, String(evaluate(Value, scope))]),
    );
    this.#say(status);
  }

  #thereIn(wanted: Wanted): string[] {
    const scope = this.#scope(wanted);
    return Object.entries(wanted.template.Resources)
      .filter(([, { Condition }]) => Condition === undefined || holds(Condition, scope))
      .map(([id]) => id);
  }

  #making(logicalId: string, properties: Record<string, unknown>): Making {
    return { account: this.#account, aws: this.#aws, stack: this.name, logicalId, properties };
  }

  #scope({ template, parameters }: Wanted): Scope {
    const lists = Object.entries(parameters).map(([name, value]): [string, string | string[]] => [
      name,
      template.Parameters[name]?.Type === 'CommaDelimitedList' ? value.split(',') : value,
    ]);
    const pseudo = {
      'AWS::StackName': this.name,
      'AWS::StackId': this.id,
      'AWS::AccountId': this.#account.id,
      'AWS::Region': this.#account.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
    };
    return {
      parameters: { ...Object.fromEntries(lists), ...pseudo },
      conditions: template.Conditions,
      id: (name) => this.resources.get(name)?.made.id,
      attribute: (name, attribute) => this.resources.get(name)?.made.attributes[attribute],
    };
  }

  #say(status: string, reason?: string): void {
    this.status = status;
    this.reason = reason;
    this.#event(this.name, 'AWS::CloudFormation::Stack', status, reason);
  }

  #event(id: string, type: string, status: string, reason?: string): void {
    const ofStack = type === 'AWS::CloudFormation::Stack';
    this.events.push({
      StackId: this.id,
      StackName: this.name,
      EventId: randomUUID(),
      LogicalResourceId: id,
      PhysicalResourceId: ofStack ? this.id : (this.resources.get(id)?.made.id ?? ''),
      ResourceType: type,
      Timestamp: new Date(),
      ResourceStatus: status as NonNullable<StackEvent['ResourceStatus']>,
      ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
    });
  }
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
