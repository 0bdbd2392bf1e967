import { execFile, type ExecFileException } from 'node:child_process';
import type { ContainerEngine } from '../../../../src/protocol/container.ts';
import { engineTrouble } from '../../../../src/protocol/container.ts';

/** Milliseconds that a call of an engine may take. The first container of an image may have the image copied. */
const TIMEOUT = 300_000;

/** A container engine, by its command. */
export class Engine {
  readonly facts: ContainerEngine;

  constructor(facts: ContainerEngine) {
    this.facts = facts;
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
        else reject(engineTrouble(this.facts.kind, stderr === '' ? error.message : stderr, error));
      };
      execFile(program, all, { timeout: TIMEOUT, maxBuffer: 16 * 1024 ** 2, cwd: '/' }, done);
    });
  }

  /** Ends a container, whatever its state, and removes it. One that is gone is no error. */
  async remove(...names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.call('rm', '--force', '--volumes', ...names).catch(() => undefined);
  }
}
