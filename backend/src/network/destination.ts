import { isIPv6 } from 'node:net';

/** What a program wants to reach. */
export interface Destination {
  /** A name or an address, in lower case; without brackets and without the dot at its end. */
  host: string;
  port: number;
}

const AUTHORITY = /^(\[[^\]]*\]|[^:[\]@/?#\\\s%]+)(?::(\d{1,5}))?$/;

/**
 * A host and port as requests name them, taken apart. Addresses that are written in other ways (decimal, hexadecimal,
 * octal, short, IPv4 within IPv6) come out in the one form that is judged and connected to.
 * @param defaultPort where the text may leave the port out
 */
export function parseDestination(text: string, defaultPort?: number): Destination | undefined {
  const [, name = '', given] = AUTHORITY.exec(text) ?? [];
  const port = given === undefined ? defaultPort : Number(given);
  if (name === '' || port === undefined || port < 1 || port > 65_535) return undefined;
  // The stroke keeps it from being trimmed.
  const address = `http://${name}/`;
  if (!URL.canParse(address)) return undefined;
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host.length > 253 || !(isIPv6(host) || /^[a-z0-9._-]+$/.test(host))) return undefined;
  return { host, port };
}

/** As people write it; the ports that browsers take by themselves are left out. */
export const hostText = ({ host, port }: Destination): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 443 || port === 80 ? name : `${name}:${String(port)}`;
};
