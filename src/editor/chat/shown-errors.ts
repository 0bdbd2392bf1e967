import type { ShownError } from '../../protocol/chat.ts';
import type { OffloadError } from '../../protocol/error.ts';
import { editorWords } from '../report/editor-words.ts';
import type { ChatBackend, Fix } from './chat-service.ts';

/** Buttons that a page can still press; those of earlier errors no longer. */
const KEPT = 500;

/** Errors as a page shows them: each with buttons, whose names lead back to what they do. */
export class ShownErrors {
  readonly #backend: Pick<ChatBackend, 'fixes'>;
  readonly #fixes = new Map<string, Fix['apply']>();
  #last = 0;

  constructor(backend: Pick<ChatBackend, 'fixes'>) {
    this.#backend = backend;
  }

  /**
   * An error with the buttons of whoever shows it, and then those that the editor knows.
   * @param retry does again what failed
   */
  show(error: OffloadError, own: readonly Fix[] = [], retry?: () => Promise<void>): ShownError {
    const remedies = [...own, ...this.#backend.fixes(error, retry)].map(({ label, apply }) => {
      const id = `fix-${String(++this.#last)}`;
      this.#fixes.set(id, apply);
      return { id, label };
    });
    for (const id of [...this.#fixes.keys()].slice(0, -KEPT)) this.#fixes.delete(id);
    const { code, message, fix } = error.toWire();
    const said = {
      code,
      message: editorWords(message),
      ...(fix === undefined ? {} : { fix: editorWords(fix) }),
    };
    return { ...said, remedies };
  }

  /** Does what a button promises; nothing for one of long ago. */
  async press(id: string): Promise<void> {
    await this.#fixes.get(id)?.();
  }
}
