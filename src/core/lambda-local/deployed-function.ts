import { setTimeout as sleep } from 'node:timers/promises';
import { Environment, type EnvironmentOptions } from './environment.ts';
import { tooManyRequests } from './service-error.ts';
import type { Invocation, Outcome, ResponseSink } from './invocation.ts';

/** Milliseconds that an invocation waits for an environment which has answered and is about to be free. */
const handOver = 1000;

export interface DeployedFunctionOptions extends EnvironmentOptions {
  /** Environments that may run at once; each takes one invocation at a time. */
  readonly concurrency: number;
}

/** A function with its environments: started when they are wanted, kept for the invocations after. */
export class DeployedFunction {
  readonly #options: DeployedFunctionOptions;
  readonly #environments = new Set<Environment>();
  #starting = 0;
  #disposed = false;

  constructor(options: DeployedFunctionOptions) {
    this.#options = options;
  }

  get processes(): readonly number[] {
    return [...this.#environments].flatMap(({ pid }) => pid ?? []);
  }

  /**
   * Runs an invocation, which ends however its caller fares. Throws TooManyRequestsException, before anything
   * is written, when all the environments that the function may have are busy.
   */
  async invoke(invocation: Invocation, sink: ResponseSink): Promise<Outcome> {
    const environment = await this.#take(invocation.tenant);
    return environment.invoke(invocation, sink);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
  }

  async #take(tenant: string | undefined): Promise<Environment> {
    const deadline = Date.now() + handOver;
    for (;;) {
      const environments = [...this.#environments];
      const free = environments.find((one) => one.claim(tenant));
      if (free) return free;
      const finishing = environments.filter((one) => one.state === 'finishing');
      if (finishing.length > 0 && Date.now() < deadline) {
        await Promise.race([...finishing.map((one) => one.settled), sleep(deadline - Date.now())]);
        continue;
      }
      const alive = environments.filter((one) => one.state !== 'dead').length + this.#starting;
      if (alive < this.#options.concurrency) return this.#start(tenant);
      // One that waits for another tenant's invocations gives way.
      const idle = environments.find((one) => one.state === 'idle');
      if (idle !== undefined) {
        await idle.stop();
        continue;
      }
      throw tooManyRequests();
    }
  }

  /** Starts an environment, which is busy from its beginning. */
  async #start(tenant: string | undefined): Promise<Environment> {
    this.#starting += 1;
    const start = Environment.start(this.#options, tenant);
    const environment = await start.finally(() => (this.#starting -= 1));
    this.#environments.add(environment);
    void environment.gone.then(() => this.#environments.delete(environment));
    if (this.#disposed) await environment.stop();
    return environment;
  }
}
