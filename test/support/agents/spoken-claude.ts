import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { AgentReport } from '../../../backend/src/agents/agent.ts';
import { ClaudeConversation } from '../../../backend/src/agents/claude-code/conversation.ts';

/** A conversation with what a test writes, in place of Claude Code. */
export class SpokenClaude {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly conversation = new ClaudeConversation(this, '/workspace', 'the prompt');
  readonly #reports = this.conversation.reports[Symbol.asyncIterator]();

  write(...messages: readonly unknown[]): void {
    for (const each of messages) {
      this.stdout.write(typeof each === 'string' ? each : `${JSON.stringify(each)}\n`);
    }
  }

  /** What it was told so far. */
  get told(): { type: string; uuid?: string; response?: unknown; message?: unknown }[] {
    const written = this.stdin.read() as Buffer | null;
    const lines = (written?.toString() ?? '').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as { type: string });
  }

  /** The next reports, so many of them. */
  async next(count: number): Promise<AgentReport[]> {
    const reports: AgentReport[] = [];
    while (reports.length < count) {
      const next = await this.#reports.next();
      if (next.done === true) assert.fail(`ended after ${JSON.stringify(reports)}`);
      reports.push(next.value);
    }
    return reports;
  }

  /** All that is reported until the end. */
  async rest(): Promise<AgentReport[]> {
    this.stdout.end();
    const reports: AgentReport[] = [];
    for (let next = await this.#reports.next(); next.done !== true; next = await this.#reports.next()) {
      reports.push(next.value);
    }
    return reports;
  }
}

export const items = (reports: AgentReport[]) =>
  reports.flatMap((report) => (report.type === 'item' ? [report.item] : []));
export const texts = (reports: AgentReport[]) =>
  items(reports).flatMap((item) => (item.kind === 'text' ? [item.delta] : []));
export const outcomes = (reports: AgentReport[]) =>
  items(reports).flatMap((item) => (item.kind === 'tool-result' ? [[item.id, item.outcome]] : []));
export const turns = (reports: AgentReport[]) =>
  reports.flatMap((report) => (report.type === 'turn' ? [report.end] : []));
