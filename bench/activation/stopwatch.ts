import type * as fs from 'node:fs';

/** What is used of the editor. */
interface Editor {
  commands: { executeCommand(command: string, ...args: unknown[]): Promise<unknown> };
  extensions: { getExtension(id: string): { isActive: boolean; activate(): Promise<unknown> } | undefined };
}

/**
 * Activates extensions one after the other in an extension host that is otherwise idle, and writes the milliseconds
 * that each took to a file of its own in `reports`. Which one is first changes from window to window.
 *
 * The host's own times ("Developer: Show Running Extensions") are no measure of one extension: it loads all that wait
 * for the start to be finished in step, so that the time of each holds the code of its neighbours.
 *
 * Runs in the extension host, so it is passed on as text and uses nothing from around it. Until its promise is
 * resolved, for ten seconds at most, the host holds back what waits for the start to be finished; `idleLimit` are the
 * milliseconds of these in which it waits for an idle host.
 */
export async function activateInTurn(
  { commands, extensions }: Editor,
  { readdirSync, renameSync, writeFileSync }: typeof fs,
  ids: string[],
  reports: string,
  idleLimit: number,
): Promise<void> {
  const pause = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      setTimeout(resolve, milliseconds);
    });
  // Activating asks the window for what an extension has stored, so the window must be idle as well: it answers at
  // once for a while. On a machine that never is, there is no use in waiting.
  const until = performance.now() + idleLimit;
  for (let prompt = 0; prompt < 20 && performance.now() < until; prompt++) {
    const started = performance.now();
    await commands.executeCommand('setContext', 'bench.asked', started);
    if (performance.now() - started > 5) prompt = 0;
    await pause(20);
  }
  const round = readdirSync(reports).length;
  const report: Record<string, number | string> = {};
  for (const id of round % 2 === 0 ? ids : ids.toReversed()) {
    const extension = extensions.getExtension(id);
    if (extension === undefined || extension.isActive) {
      report[id] = extension === undefined ? 'is not installed' : 'was activated by something else';
      continue;
    }
    const started = performance.now();
    await extension.activate();
    report[id] = performance.now() - started;
    await pause(50);
  }
  const place = `${reports}/${String(round)}`;
  writeFileSync(`${place}.new`, JSON.stringify(report));
  renameSync(`${place}.new`, `${place}.json`);
}
