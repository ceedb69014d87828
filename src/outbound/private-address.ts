/**
 * Addresses that a receiver on the open network never has: this machine, private networks, links,
 * what is reserved. An engine that posts where its configuration says must not be led to them by a
 * name that somebody else controls.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sibling
 */
import { BlockList, isIP } from 'node:net';

const V4: readonly string[] = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
];
const V6: readonly string[] = [
  ...['::/128', '::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23'],
  ...['2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
];

const v4 = listOf(V4, 'ipv4');
const v6 = listOf(V6, 'ipv6');

/** `address`: an IP address as text, without brackets. What is none counts as private. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return v4.check(address, 'ipv4');
  if (family !== 6) return true;
  // IPv4 in IPv6's clothes: the list of the former decides.
  const mapped = mappedV4(address);
  return mapped === null ? v6.check(address, 'ipv6') : v4.check(mapped, 'ipv4');
}

function mappedV4(address: string): string | null {
  const plain = new URL(`http://[${address.split('%')[0] ?? ''}]/`).hostname.slice(1, -1);
  const match = /^::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(plain);
  if (match === null) return null;
  const high = Number.parseInt(match[1] ?? '0', 16);
  const low = Number.parseInt(match[2] ?? '0', 16);
  return [Math.floor(high / 256), high % 256, Math.floor(low / 256), low % 256].join('.');
}

function listOf(networks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = '0'] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
