import { BUILD_IMAGE, IMAGE_NODE } from '../../../../src/protocol/container.ts';
import { OffloadError } from '../../../../src/protocol/error.ts';
import type { Language } from '../../../../src/protocol/languages.ts';
import type { Interpreter } from '../../executors/runtime.ts';
import type { Container } from './container.ts';

/** Where the image has its interpreters, and what they need in their environment; see backend/Dockerfile. */
const INTERPRETERS: Record<
  Language['runtime'],
  Pick<Interpreter, 'path' | 'env'> & { said: 'python' | 'node' | 'bash' }
> = {
  python: {
    path: '/usr/bin/python3',
    env: { PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1', MPLBACKEND: 'Agg' },
    said: 'python',
  },
  node: { path: IMAGE_NODE, env: { NO_UPDATE_NOTIFIER: '1' }, said: 'node' },
  shell: { path: '/usr/bin/bash', env: {}, said: 'bash' },
};

/** The interpreters of an image, as a probe has found them. */
export class ImageInterpreters {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  /** @throws OffloadError `no-interpreter` where the image lacks it */
  async find(language: Language): Promise<Interpreter> {
    await this.#container.probe();
    const { said, path, env } = INTERPRETERS[language.runtime];
    const version = this.#container.facts?.versions[said] ?? '';
    if (version !== '') return { path, version, env, readOnly: [] };
    throw new OffloadError('no-interpreter', `The image has no interpreter for ${language.label}.`, {
      fix: `Make the image again: ${BUILD_IMAGE}.`,
    });
  }
}
