import type { Offload } from '../../../src/editor/offload.ts';
import type { RunTerminal } from '../../../src/editor/terminal/run-terminal.ts';

/** What our terminals have written to the screen since it was made. */
export class Screen {
  text = '';
  readonly #seen = new Set<RunTerminal>();

  constructor({ terminals }: Offload) {
    const forRun = terminals.forRun.bind(terminals);
    terminals.forRun = (record) => {
      const terminal = forRun(record);
      if (!this.#seen.has(terminal)) {
        this.#seen.add(terminal);
        terminal.onDidWrite((text) => {
          this.text += text;
        });
      }
      return terminal;
    };
  }

  /** The same without colours. */
  get plain(): string {
    // eslint-disable-next-line no-control-regex
    return this.text.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '');
  }
}
