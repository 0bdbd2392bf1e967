import * as z from 'zod/mini';
import { NETWORK_WORDS, parseNetwork, type Network } from '../../protocol/network.ts';

/** Why a text is no network; undefined where it is one. */
export const networkProblem = (text: string): string | undefined =>
  parseNetwork(text) === undefined ? `must be ${NETWORK_WORDS}` : undefined;

/** A network as people write it. */
export const networkSetting = z
  .string()
  .check(z.refine((text) => networkProblem(text) === undefined, `must be ${NETWORK_WORDS}`));

/** What a setting that has been checked says. */
export const networkIn = (text: string): Network => parseNetwork(text) ?? 'closed';
