import { architectureIn } from '../../core/deploy/architecture.ts';
import { runCostWords } from '../../core/deploy/prices.ts';
import type { DriftReport } from '../../core/deploy/drift.ts';
import { spentWords, type Spent } from '../../core/deploy/spent.ts';
import type { BackendStatus } from '../../core/deploy/status.ts';
import { isSaidClosed } from '../../core/deploy/try-network.ts';
import { plainText } from '../plain-text.ts';
import { profileWords } from './place.ts';

/** What is known of a backend. What is undefined is still looked for; a text says why it is not known. */
export interface KnownStatus {
  status: BackendStatus;
  profile: string | undefined;
  drift: DriftReport | string | undefined;
  spent: Spent | string | undefined;
  /** What a run found of a network that is said to be closed; empty where it is not said to be. */
  network: string | undefined;
  /** Why this machine could not note that it is there; absent where nothing was in the way. */
  notNoted?: string;
}

const VERSIONS: Readonly<Record<BackendStatus['version'], string>> = {
  same: 'the one of this Offload',
  other: 'another than this Offload brings: "Offload: Deploy Backend" brings it up to date',
  newer: 'of a newer Offload: update this one',
  none: 'there are no functions yet: "Offload: Deploy Backend" makes them',
};

/** How a backend stands, as a text to read. */
export function statusText(known: KnownStatus): string {
  const { status, profile, notNoted } = known;
  const { account, region, stack, version, reason, outputs, parameters } = status;
  const row = (name: string, value: string): string => `${name.padEnd(16)}${value}`;
  const head = [
    `Backend ${stack}`,
    '',
    row('AWS account', `${account}, by ${profileWords(profile)}`),
    row('Region', region),
  ];
  if (status.status === undefined) {
    return text([...head, row('Stack', 'there is none: "Offload: Deploy Backend" makes it')]);
  }
  const state = `${stack}, ${status.status}${reason === undefined ? '' : `: ${reason}`}`;
  const rows = [
    ...head,
    row('Stack', state),
    row('Build', VERSIONS[version]),
    ...(notNoted === undefined ? [] : [row('Noted here', `no: ${notNoted}`)]),
  ];
  if (version === 'none') return text(rows);
  const memory = parameters['RunnerMemory'] ?? '2048';
  const architecture = architectureIn(parameters);
  const subnets = parameters['VpcSubnets'];
  const network = subnets
    ? [
        `subnets ${subnets}`,
        ...(isSaidClosed(parameters) ? [known.network ?? 'a run tries whether it is closed…'] : []),
      ]
    : ['Lambda’s own: open'];
  return text([
    ...rows,
    '',
    'Functions',
    row('  Control', outputs['ControlFunction'] ?? ''),
    row('  Runner', outputs['RunnerFunction'] ?? ''),
    row('  A run has', `${memory} MB of memory, ${parameters['RunnerTimeout'] ?? '900'} s, ${architecture}`),
    row('  Network', network.join(': ')),
    row('  Bucket', `${outputs['Bucket'] ?? ''}, runs are kept ${parameters['ExpireDays'] ?? '30'} days`),
    row('  Logs', `are kept ${parameters['LogDays'] ?? '14'} days`),
    '',
    'Cost, without that of the model',
    row('  A run', runCostWords(architecture, Number(memory))),
    row('  So far', soFar(known.spent)),
    '',
    'Drift',
    ...driftLines(known.drift),
  ]);
}

const text = (lines: readonly string[]): string =>
  lines.map((line) => plainText(line).trimEnd() + '\n').join('');

function soFar(spent: KnownStatus['spent']): string {
  if (spent === undefined) return 'is being added up…';
  if (typeof spent === 'string') return `is not known: ${spent}`;
  return spentWords(spent);
}

function driftLines(drift: KnownStatus['drift']): string[] {
  if (drift === undefined) return ['  AWS compares what is there with what was deployed…'];
  if (typeof drift === 'string') return [`  is not known: ${drift}`];
  const { drifts, incomplete } = drift;
  const found = drifts.map(({ resource, state, properties }) =>
    state === 'deleted'
      ? `  ${resource} is gone.`
      : `  ${resource} was changed by hand: ${properties.join(', ')}`,
  );
  return [
    ...(found.length === 0 ? ['  None: all is as it was deployed.'] : found),
    ...(found.length === 0 ? [] : ['  Deploying again does not undo it: change it back in the AWS console.']),
    ...(incomplete === undefined ? [] : [`  Not all could be compared: ${incomplete}`]),
  ];
}
