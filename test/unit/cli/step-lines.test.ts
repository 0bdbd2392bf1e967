import assert from 'node:assert/strict';
import { StepLines } from '../../../src/cli/step-lines.ts';

describe('the steps of a deploy on the command line', () => {
  const step = { type: 'step', id: 'build', title: 'Build the image', state: 'running' } as const;
  const told = (logs: boolean): string[] => {
    const written: string[] = [];
    const lines = new StepLines((line) => written.push(line), { logs });
    lines.tell({ ...step, seconds: 1, detail: 'BUILD', progress: 0.5 });
    lines.tell({ ...step, seconds: 20, detail: 'BUILD', progress: 0.5, log: ['one', 'two'] });
    lines.tell({ ...step, seconds: 40, detail: 'BUILD', progress: 0.5 });
    lines.tell({ ...step, seconds: 50, detail: 'BUILD', progress: 0.5 });
    lines.tell({ ...step, state: 'done', seconds: 60, detail: 'built' });
    return written;
  };

  it('are told with how far they are, and again while one takes long, with the last line of its log', () => {
    assert.deepEqual(told(false), [
      '  ..  Build the image: BUILD, 50 %\n',
      '  ..  Build the image: BUILD, 50 %, two\n',
      'ok    Build the image (60.0 s): built\n',
    ]);
  });

  it('are told with all lines of their logs where these are wanted', () => {
    const lines = told(true);
    assert.deepEqual(lines.slice(1, 3), ['        one\n', '        two\n']);
    assert.equal(lines.filter((line) => line.includes('two')).length, 1);
  });

  it('are not told again where there is nothing to tell but their logs, which were told', () => {
    const written: string[] = [];
    const lines = new StepLines((line) => written.push(line), { logs: true });
    lines.tell({ ...step, seconds: 1, log: ['one'] });
    lines.tell({ ...step, seconds: 40, log: ['two'] });
    assert.deepEqual(written, ['        one\n', '        two\n']);
  });
});
