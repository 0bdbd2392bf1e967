import { execFile, type ExecFileException } from 'node:child_process';
import type { ContainerEngine } from '../../../../src/protocol/container.ts';
import { engineTrouble } from '../../../../src/protocol/engine-trouble.ts';
import { OffloadError } from '../../../../src/protocol/error.ts';

/** Milliseconds that a call of an engine may take. The first container of an image may have the image copied. */
const TIMEOUT = 300_000;

/** A container engine, by its command. */
export class Engine {
  readonly facts: ContainerEngine;

  readonly #timeout: number;

  /** @param timeout milliseconds that a call may take */
  constructor(facts: ContainerEngine, timeout = TIMEOUT) {
    this.facts = facts;
    this.#timeout = timeout;
  }

  get isPodman(): boolean {
    return this.facts.kind === 'podman';
  }

  /** The program and the arguments of one of its commands. */
  command(...args: readonly string[]): [program: string, args: string[]] {
    const [program = '', ...options] = this.facts.command;
    return [program, [...options, ...args]];
  }

  /**
   * What a command prints.
   * @throws OffloadError `no-engine`, `no-image`, `sandbox-failed`, in words
   */
  async call(...args: readonly string[]): Promise<string> {
    const [program, all] = this.command(...args);
    return new Promise((resolve, reject) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
        if (error === null) resolve(stdout.trim());
        else reject(this.#trouble(error, stderr));
      };
      execFile(program, all, { timeout: this.#timeout, maxBuffer: 16 * 1024 ** 2, cwd: '/' }, done);
    });
  }

  #trouble(error: ExecFileException, said: string): OffloadError {
    const { kind, command } = this.facts;
    if (error.code === 'ENOENT')
      return new OffloadError('no-engine', `${kind} is not there any more: no ${command[0] ?? kind}.`, {
        fix: 'Install it again, or choose another target.',
        cause: error,
      });
    if (error.killed === true && typeof error.code !== 'string')
      return new OffloadError(
        'sandbox-failed',
        `${kind} did not answer within ${String(this.#timeout / 60_000)} min.`,
        {
          fix: 'See whether it answers at all ("offload doctor"), and start it anew if it does not.',
          cause: error,
        },
      );
    return engineTrouble(kind, said === '' ? error.message : said, error);
  }

  /** Ends a container, whatever its state, and removes it. One that is gone is no error. */
  async remove(...names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.call('rm', '--force', '--volumes', ...names).catch(() => undefined);
  }
}
