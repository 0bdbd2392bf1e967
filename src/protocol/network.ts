import * as z from 'zod/mini';

/** The ports of a host that is allowed without one: those of https and http. */
export const DEFAULT_PORTS: readonly number[] = [443, 80];

/** Hosts of one list at most. */
const MAX_HOSTS = 256;

/** A name or an address, below which all are meant with `*.`, and a port. */
const HOST = /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::([1-9]\d{0,4}))?$/;
const IPV4 = /^[\d.]+$/;

/** A host that a run may reach, taken apart. */
export interface AllowedHost {
  /** In lower case, without brackets and without the dot at its end. */
  host: string;
  /** Whether all names below it are meant, and not itself. */
  below: boolean;
  /** One of {@link DEFAULT_PORTS} where absent. */
  port: number | undefined;
}

/** Takes `example.org`, `*.example.org` or `example.org:8443` apart; undefined for what is none of them. */
export function parseAllowedHost(text: string): AllowedHost | undefined {
  const [, star, name = '', port] = HOST.exec(text) ?? [];
  // A name without a dot is a word of the command line, or a machine of the own network, which is never reached.
  if (name.length > 253 || !/[.:]/.test(name)) return undefined;
  if (star !== undefined && (name.startsWith('[') || IPV4.test(name))) return undefined;
  // As it is compared with what programs ask for: 0x7f.1 is no name, but an address in disguise.
  if (hostOf(name) !== name || Number(port ?? 1) > 65_535) return undefined;
  return {
    host: name.replace(/^\[|\]$/g, ''),
    below: star !== undefined,
    port: port === undefined ? undefined : Number(port),
  };
}

/** As addresses on the web have it: in lower case, international names in ASCII, numbers as dotted ones. */
const hostOf = (name: string): string | undefined =>
  URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : undefined;

/**
 * What the programs of a run can reach besides themselves: nothing (`closed`), all public hosts (`open`), or some of
 * these. An empty list is closed. The machine itself and private networks are never reached.
 */
export const networkSchema = z.union([
  z.enum(['closed', 'open']),
  z.strictObject({
    allow: z
      .array(
        z
          .string()
          .check(
            z.refine((host) => parseAllowedHost(host) !== undefined, 'is no host such as example.org:443'),
          ),
      )
      .check(z.maxLength(MAX_HOSTS)),
  }),
]);
export type Network = z.infer<typeof networkSchema>;

/** A network that something can be reached on. */
export type OpenNetwork = Exclude<Network, 'closed'>;

/** Whether something can be reached; an empty list is none. */
export const isOpen = (network: Network): network is OpenNetwork =>
  network !== 'closed' && (network === 'open' || network.allow.length > 0);

/** How people write a network, for messages. */
export const NETWORK_WORDS = 'closed, open, or hosts such as example.org,*.example.org,example.org:8443';

/** A network as people write it: {@link NETWORK_WORDS}; undefined for what is none. Nothing at all is closed. */
export function parseNetwork(text: string): Network | undefined {
  const words = text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
  const [first = 'closed'] = words;
  if (words.length <= 1 && (first === 'closed' || first === 'open')) return first;
  const network = networkSchema.safeParse({ allow: [...new Set(words.map(ownForm))] });
  return network.success ? network.data : undefined;
}

/** A host in the form that lists have: in ASCII, without the dot at its end. */
function ownForm(word: string): string {
  const [, star = '', name = '', port = ''] = /^(\*\.)?(.*?)\.?(:\d+)?$/.exec(word) ?? [];
  return /^[^\s/?#@\\:%[\]]+$/.test(name) ? `${star}${hostOf(name) ?? name}${port}` : word;
}

/** The other way round, for people. */
export const networkText = (network: Network): string =>
  isOpen(network) ? (network === 'open' ? 'open' : network.allow.join(', ')) : 'closed';
