import assert from 'node:assert/strict';
import { doctorReport, typedRemedies } from '../../../src/editor/doctor/report.ts';

const well = { name: 'Backend', ok: true, detail: 'there', remedies: [] };
const fix = 'Install it: sudo apt-get install bubblewrap';
const bad = { name: 'Isolation', ok: false, detail: 'missing', fix, remedies: typedRemedies(fix) };

describe('the report of the doctor', () => {
  it('begins with what needs attention, and says what to do', () => {
    const { text } = doctorReport([well, bad], ['Offload 1.2.3']);
    assert.match(
      text,
      /1 of 2 checks needs attention\.\n\n✗ Isolation {2}missing\n {13}What to do: .*apt-get.*\n✓ Backend {4}there\n/,
    );
    assert.match(text, /^Offload 1\.2\.3$/m);
  });

  it('has the buttons above the check that they are for', () => {
    const { text, buttons } = doctorReport([well, bad], []);
    assert.equal(buttons.length, 2);
    for (const { line } of buttons) assert.match(text.split('\n')[line] ?? '', /^✗ Isolation/);
  });

  it('says when all is well', () => {
    assert.match(doctorReport([well], []).text, /All 1 checks are well/);
  });

  it('is one line for each thing, whatever a program answered', () => {
    const { text } = doctorReport([{ ...well, detail: 'a\n# b\x1b[31m' }], []);
    assert.match(text, /^✓ Backend {2}a # b�\[31m$/m);
  });
});
