import { findContainer } from '../core/container/open-container.ts';
import {
  BUILD_STEP,
  buildImage,
  findImage,
  IMAGE_COST,
  imageName,
  isOfBackend,
  keptImages,
  LAST_LINES,
  removeImages,
} from '../core/container/image.ts';
import { enginesThatAnswer } from '../core/container/engine.ts';
import { readBackendSource } from '../core/deploy/source.ts';
import { askYes } from './ask-line.ts';
import type { Command } from './command.ts';
import { backendFolder } from './local.ts';
import { oneLine, say } from './say.ts';
import { INTERRUPTED_EXIT, stopSignal } from './stopping.ts';
import { parse, Usage } from './usage.ts';

const OPTIONS = {
  base: { type: 'string' },
  old: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

export const imageCommand: Command = {
  name: 'image',
  summary: 'make or remove the image of --target container',
  help: `usage: offload image build [--base IMAGE] [--yes] [--verbose] [-- OPTIONS]
       offload image remove [--old]
       offload image

"build" makes the image that runs and tasks have with --target container, with Docker or podman: Debian with Python
and its science packages, Node, git and Claude Code.
${IMAGE_COST}
It asks first. Options after "--" go to the engine's own build. "remove" removes it and those of earlier versions, and
what they were made with. Without either, it says what there is. OFFLOAD_CONTAINER_ENGINE names an engine: docker,
podman, or a list such as ["podman","--root","/folder"].

  --base IMAGE  the image that it is built on (debian:trixie-slim)
  --old         remove those of earlier versions alone
  --yes         agree beforehand
  --verbose     write all that the engine says
  --help        this text
`,
  own: (argv) => (argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv),
  async run(argv) {
    const at = argv.indexOf('--');
    const [own, extra] = at === -1 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
    const { values, positionals } = parse({ args: own, allowPositionals: true, options: OPTIONS });
    const [what = 'show', ...more] = positionals;
    if (more.length > 0 || !['build', 'remove', 'show'].includes(what))
      throw new Usage('image takes build, remove, or nothing');
    if (what === 'build') return build(values, extra);
    return what === 'remove' ? remove(values.old) : show();
  },
};

interface Values {
  base?: string | undefined;
  yes: boolean;
  verbose: boolean;
}

async function build({ base, yes, verbose }: Values, extra: readonly string[]): Promise<number> {
  const source = await readBackendSource(backendFolder());
  const name = imageName(source);
  const { engine, image } = await findContainer(backendFolder());
  if (image !== undefined) {
    say(`${engine.kind} has the image of this version already: ${name}`);
    return 0;
  }
  const signal = stopSignal();
  const last: string[] = [];
  try {
    say(`${engine.kind} ${engine.version} will make the image ${name}. ${IMAGE_COST}`);
    if (!yes && !(await askYes('Go on?', signal))) {
      say('nothing was done');
      return 1;
    }
    const begun = performance.now();
    const onLine = (line: string): void => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      if (verbose || BUILD_STEP.test(line)) process.stdout.write(`${oneLine(line)}\n`);
    };
    await buildImage({ engine, source, name, base, extra, signal, onLine });
    say(
      `made ${name} in ${((performance.now() - begun) / 1000).toFixed(0)} s: use it with --target container`,
    );
    const old = (await keptImages(engine)).filter((each) => isOfBackend(each) && each.name !== name);
    if (old.length > 0) say(`images of earlier versions are there too: offload image remove --old`);
    return 0;
  } catch (error) {
    if (!signal.aborted) {
      if (!verbose) for (const line of last) say(`  ${line}`);
      throw error;
    }
    say('stopped; run it again to go on from here');
    return INTERRUPTED_EXIT;
  }
}

async function remove(oldAlone: boolean): Promise<number> {
  const name = imageName(await readBackendSource(backendFolder()));
  for (const engine of await enginesThatAnswer()) {
    const images = await keptImages(engine);
    // What the image was made with is needed for the next one.
    const going = oldAlone ? images.filter((each) => isOfBackend(each) && each.name !== name) : images;
    await removeImages(engine, going, ({ name, size }) => {
      process.stdout.write(`removed ${oneLine(name)} (${oneLine(size)})\n`);
    });
    if (going.length === 0) say(`${engine.kind} has none to remove`);
  }
  return 0;
}

async function show(): Promise<number> {
  const name = imageName(await readBackendSource(backendFolder()));
  for (const engine of await enginesThatAnswer()) {
    const there = (await findImage(engine, name)) !== undefined;
    process.stdout.write(
      `${engine.kind} ${engine.version}: ${there ? name : 'no image of this version: offload image build'}\n`,
    );
    for (const each of await keptImages(engine))
      process.stdout.write(`  ${oneLine(each.name)} ${oneLine(each.size)}\n`);
  }
  return 0;
}
