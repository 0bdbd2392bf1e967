import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Blocks of IPv4 that lead to this machine, its network, or nowhere (IANA's special-purpose registry), and one address
 * of Azure's by which machines ask for their own secrets; those of other clouds are link-local (169.254.169.254) or in
 * the carriers' block (100.100.100.200).
 */
const CLOSED_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
];

/** Of IPv6, global unicast alone is public, and of that not what wraps IPv4 or is set apart. */
const PUBLIC_V6 = '2000::/3';
const CLOSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const closed4 = blocks(CLOSED_V4, 'ipv4');
const public6 = blocks([PUBLIC_V6], 'ipv6');
const closed6 = blocks(CLOSED_V6, 'ipv6');

/** Whether an address belongs to neither this machine nor a private network, so that a run may connect to it. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed4.check(address, 'ipv4') && !isOwn(address);
    case 6:
      return public6.check(address, 'ipv6') && !closed6.check(address, 'ipv6') && !isOwn(address);
    default:
      return false;
  }
}

/** Whether this machine has an address, public as it may be: its services listen there too. */
function isOwn(address: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
  const own = new BlockList();
  for (const { address: each } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    if (isIP(each) === isIP(address)) own.addAddress(each, family);
  }
  return own.check(address, family);
}

function blocks(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
