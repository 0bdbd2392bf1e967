import type { Architecture } from './architecture.ts';

/** US dollars in us-east-1, November 2026; other regions differ by up to a third. */
interface Prices {
  /** https://aws.amazon.com/lambda/pricing/: a gigabyte of memory for a second. */
  lambdaGbSecond: Record<Architecture, number>;
  /** https://aws.amazon.com/codebuild/pricing/: a minute of the smallest machine. */
  buildMinute: Record<Architecture, number>;
  /** https://aws.amazon.com/secrets-manager/pricing/: a secret for a month. */
  secretMonth: number;
  /** https://aws.amazon.com/ecr/pricing/: a gigabyte for a month. */
  imageGbMonth: number;
}

export const PRICES: Prices = {
  lambdaGbSecond: { arm64: 0.000_013_333_4, x86_64: 0.000_016_666_7 },
  buildMinute: { arm64: 0.0034, x86_64: 0.005 },
  secretMonth: 0.4,
  imageGbMonth: 0.1,
};

/** Gigabytes of the image as ECR keeps it, compressed. */
const IMAGE_GB = 0.5;
/** Minutes that a build of the image takes. */
const BUILD_MINUTES = 8;
/** Gigabytes of the control function, which is on while a run is followed. */
const CONTROL_GB = 0.5;

export interface Costs {
  /** US dollars for a month in which nothing is run. */
  idleMonth: number;
  /** US dollars for an hour of one run. */
  busyHour: number;
  /** US dollars for making the image once. */
  build: number;
}

/** About what a backend costs. @param memory megabytes of a run */
export function costsOf(architecture: Architecture, memory: number): Costs {
  const gigabytes = memory / 1024 + CONTROL_GB;
  return {
    idleMonth: PRICES.secretMonth + IMAGE_GB * PRICES.imageGbMonth,
    busyHour: gigabytes * 3600 * PRICES.lambdaGbSecond[architecture],
    build: BUILD_MINUTES * PRICES.buildMinute[architecture],
  };
}

/** US dollars in words. */
export const dollars = (amount: number): string =>
  `$${amount === 0 || amount >= 0.1 ? amount.toFixed(2) : amount.toFixed(3)}`;

/** About what a run costs by the minute, in words. @param memory megabytes of a run */
export const runCostWords = (architecture: Architecture, memory: number): string =>
  `about ${dollars(costsOf(architecture, memory).busyHour / 60)} a minute with ${String(memory)} MB`;

/** The same in words, for whoever is asked to agree. */
export function costWords(architecture: Architecture, memory: number): string {
  const { idleMonth, busyHour, build } = costsOf(architecture, memory);
  return (
    `About ${dollars(idleMonth)} a month while nothing runs (a secret and the image), about ${dollars(busyHour)} for an ` +
    `hour of a run with ${String(memory)} MB, and about ${dollars(build)} for each time that the image is made. The model is not in it.`
  );
}
