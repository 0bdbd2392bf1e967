import type * as vscode from 'vscode';

/** What is begun and has an end. */
export interface Part {
  dispose(): unknown;
}

/** The parts of the extension: each begun in its own try, all disposed in reverse. */
export class Features implements Part {
  readonly #log: vscode.LogOutputChannel;
  readonly #parts: Part[] = [];
  #disposed = false;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Begins a part. One that fails is logged and missing; the others work. */
  add(name: string, begin: () => Part): void {
    try {
      this.own(begin());
    } catch (error) {
      this.#log.error(`The part "${name}" could not be begun.`, error);
    }
  }

  /** Sees to it that something is disposed, at once if that time has come. */
  own<T extends Part>(part: T): T {
    if (this.#disposed) part.dispose();
    else this.#parts.push(part);
    return part;
  }

  dispose(): void {
    this.#disposed = true;
    for (const part of this.#parts.splice(0).reverse()) part.dispose();
  }
}
