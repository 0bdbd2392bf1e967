export interface FoundProcess {
  pid: number;
  command: string;
}
export function processesOf(folder: string): Promise<FoundProcess[]>;
export function endProcessesOf(folder: string, grace?: number): Promise<void>;
export function signal(pid: number, name: NodeJS.Signals): void;
