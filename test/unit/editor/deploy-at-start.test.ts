import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartFinding } from '../../../src/core/deploy/at-start.ts';
import { writeDeployment, type Deployment } from '../../../src/core/deploy/deployment.ts';
import { LOCAL, targetOf, type Target } from '../../../src/core/targets/target.ts';
import type { Question } from '../../../src/editor/dialogs.ts';
import { offerAtStart, type StartContext } from '../../../src/editor/deploy/at-start.ts';
import { DEPLOY_NOTES } from '../../../src/editor/deploy/folders.ts';
import type { Place } from '../../../src/editor/deploy/place.ts';
import { MADE_UP_DEPLOYMENT } from '../../support/aws/deployment.ts';

const PLACE: Place = { profile: 'work', region: 'eu-west-1', stack: 'offload' };

const memory = () => {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: (key: string, value: unknown) => {
      kept.set(key, value);
      return Promise.resolve();
    },
  } as never as StartContext['memory'];
};

describe('what is offered when a window begins', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'start-'));
    mkdirSync(join(folder, 'backend'));
    writeFileSync(join(folder, 'backend', 'template.yaml'), 'Metadata:\n  OffloadTemplateVersion: 1\n');
    writeFileSync(join(folder, 'backend', 'build.json'), JSON.stringify({ files: ['template.yaml'] }));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const known: Deployment = { ...MADE_UP_DEPLOYMENT, profile: 'work' };

  const begin = async (
    kept: ReturnType<typeof memory>,
    answer?: string,
    { finding, chosen = LOCAL }: { finding?: StartFinding; chosen?: Target } = {},
  ) => {
    const asked: Question[] = [];
    const deployed: Place[] = [];
    const looked: Deployment[] = [];
    const ask = (question: Question) => Promise.resolve(asked.push(question) > 0 ? answer : undefined);
    await offerAtStart({
      dialogs: { ask },
      memory: kept,
      folder: join(folder, 'backend'),
      state: folder,
      chosen,
      look: (deployment) => Promise.resolve(looked.push(deployment) > 0 ? finding : undefined),
      showStatus: () => Promise.resolve(),
      chooseTarget: () => Promise.resolve(),
      deploy: (place) => Promise.resolve(deployed.push(place)),
    });
    const buttons = asked.flatMap((question) => question.buttons ?? []);
    return { asked: asked.map(({ message }) => message), deployed, buttons, looked: looked.length };
  };

  it('is nothing where nothing was deployed', async () => {
    assert.deepEqual((await begin(memory())).asked, []);
  });

  it('is an update of a backend of another build, once for each build', async () => {
    await writeDeployment(folder, known);
    const kept = memory();
    const first = await begin(kept, 'Update Backend…');
    assert.match(first.asked.join(), /offload in eu-west-1 is of another build/);
    assert.deepEqual(first.deployed, [{ ...PLACE, account: known.account }]);
    assert.equal(first.looked, 0, 'nobody is called of whom nothing is wanted');
    assert.deepEqual((await begin(kept)).asked, []);
    writeFileSync(join(folder, 'backend', 'template.yaml'), '#\nMetadata:\n  OffloadTemplateVersion: 1\n');
    assert.equal((await begin(kept)).asked.length, 1);
  });

  it('is to go on with a deploy that was cut off', async () => {
    mkdirSync(join(folder, DEPLOY_NOTES));
    // A process of an earlier start of the machine.
    const note = { pid: process.pid, startedAt: Date.now() - 10 * 3600_000, place: PLACE };
    writeFileSync(join(folder, DEPLOY_NOTES, `${String(process.pid)}.json`), JSON.stringify(note));
    const { asked, deployed } = await begin(memory(), 'Go On…');
    assert.match(asked.join(), /The deploy of offload in eu-west-1 was cut off/);
    assert.deepEqual(deployed, [PLACE]);
    assert.deepEqual((await begin(memory())).asked, [], 'offered once, whichever window begins');
  });

  const chosen = targetOf(known);
  for (const [version, changedByHand, said, buttons] of [
    ['same', undefined, undefined, []],
    ['unknown', undefined, undefined, []],
    ['other', undefined, /of another build/, ['Update Backend…']],
    ['newer', undefined, /by a newer Offload/, ['Show Status']],
    ['gone', undefined, /no longer there/, ['Deploy Backend…', 'Choose Where Runs Go…']],
    ['same', 1_700_000_000_000, /2023-11-14: see "Offload: Show Backend Status"/, ['Show Status']],
  ] as const) {
    it(`is what is found of the backend in use: ${version}${changedByHand === undefined ? '' : ', changed by hand'}`, async () => {
      await writeDeployment(folder, known);
      const kept = memory();
      const found = { chosen, finding: { version, changedByHand } };
      const first = await begin(kept, undefined, found);
      assert.deepEqual([first.looked, first.buttons], [1, buttons]);
      if (said === undefined) assert.deepEqual(first.asked, []);
      else assert.match(first.asked.join(), said);
      assert.deepEqual((await begin(kept, undefined, found)).asked, [], 'it is said once');
    });
  }
});
