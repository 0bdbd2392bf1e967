import { realpath } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { ask } from './ask.ts';
import { beyondSystem, isSafePrefix } from './prefix.ts';
import type { Runtime } from './runtime.ts';

/** Where Python is installed and where it looks for packages; see the modules `sys` and `site`. */
const QUESTION = `
import json, platform, site, sys
user = site.getusersitepackages() if site.ENABLE_USER_SITE else None
print(json.dumps({"version": platform.python_version(), "executable": sys.executable, "user": user,
  "userBase": site.getuserbase() if user else None, "prefixes": [sys.prefix, sys.base_prefix, sys.exec_prefix]}))
`;

const answerSchema = z.object({
  version: z.string(),
  executable: z.string(),
  user: z.nullable(z.string()),
  userBase: z.nullable(z.string()),
  prefixes: z.array(z.string()),
});

function parseAnswer(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error('it does not answer as Python does', { cause });
  }
}

/** Python, with its own prefix or that of a virtual environment. */
export const pythonRuntime: Runtime = {
  async inspect(path) {
    const answer = parseAnswer(await ask(path, ['-c', QUESTION]));
    const { executable, user, userBase, version } = answer;
    const real = await realpath(executable);
    const prefixes = beyondSystem([...answer.prefixes, dirname(dirname(real))]);
    const unsafe = prefixes.find((prefix) => !isSafePrefix(prefix));
    if (unsafe !== undefined) throw new Error(`it is installed in ${unsafe}, which holds private files too`);
    const packages = user !== null && existsSync(user) ? [user] : [];
    return {
      path: executable,
      version: `Python ${version}`,
      readOnly: [...prefixes, ...packages],
      env: {
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONUTF8: '1',
        MPLBACKEND: 'Agg',
        ...(packages.length > 0 && userBase !== null ? { PYTHONUSERBASE: userBase } : {}),
      },
    };
  },
};
