import { remedyCommand, ReportDocument } from '../report/report-document.ts';
import type { Report } from './report.ts';

/** The doctor's report as a read-only text, its buttons above the lines that they are for. */
export class DoctorDocument {
  readonly #document = new ReportDocument(
    'offload-doctor',
    'Offload Doctor',
    'Run "Offload: Doctor" to look again.\n',
  );

  async show({ text, buttons }: Report): Promise<void> {
    const again = { line: 0, command: { command: 'offload.doctor', title: '$(refresh) Look again' } };
    const others = buttons.map(({ line, remedy }) => ({ line, command: remedyCommand(remedy) }));
    await this.#document.show({ text, buttons: [again, ...others] });
  }

  dispose(): void {
    this.#document.dispose();
  }
}
