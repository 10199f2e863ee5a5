import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { BellwetherError } from '../../base/errors.ts';

type Cidr = ReturnType<typeof ipaddr.parseCIDR>;

/**
 * Keeps what we send from reaching into the network behind us (SSRF). An address passes when it is public or inside an allowed CIDR.
 * Both ways to an address are guarded: a literal in the configuration by `check`, a name by `lookup`, which is the very look-up the
 * connection uses, so that a name cannot answer differently the second time.
 */
export interface TargetGuard {
  /** @throws BellwetherError `target_refused` when `host` is an address that may not be reached. Names pass: `lookup` judges them. */
  check(host: string): void;
  /** For `net.connect` and `http.request`. Fails with `target_refused` when any address of the name may not be reached. */
  readonly lookup: LookupFunction;
}

export type ResolveAll = (
  hostname: string,
  done: (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void,
) => void;

const resolveBySystem: ResolveAll = (hostname, done) => systemLookup(hostname, { all: true }, done);

function cidrOf(text: string): Cidr {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (isIP(text) === 0) throw new RangeError(`Not an address or CIDR: ${text}`);
  const address = ipaddr.parse(text);
  return ipaddr.parseCIDR(`${text}/${address.kind() === 'ipv4' ? 32 : 128}`);
}

function refusal(host: string, address: string): BellwetherError {
  const target = host === address ? host : `${host} (${address})`;
  return new BellwetherError('target_refused', `${target} is a private, loopback or reserved address and may not be reached`, {
    hint: 'Allow its network with BELLWETHER_ALLOW_PRIVATE_TARGETS, for instance 127.0.0.0/8.',
    details: { host, address },
  });
}

/** IPv6 hands out addresses of 2000::/3 only; what lies outside, such as `::127.0.0.1`, may mean another address to this machine or its routers. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

function isAssigned(address: ReturnType<typeof ipaddr.process>): boolean {
  return address.kind() === 'ipv4' || address.match(...GLOBAL_IPV6);
}

/** @param allowed Addresses and CIDRs. @throws {RangeError} for one that is neither. */
export function createTargetGuard(allowed: readonly string[], resolveAll: ResolveAll = resolveBySystem): TargetGuard {
  const cidrs = allowed.map(cidrOf);
  const mayReach = (text: string): boolean => {
    const address = ipaddr.process(text);
    if (address.range() === 'unicast' && isAssigned(address)) return true;
    return cidrs.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  };
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveAll(hostname, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const refused = addresses.find(({ address }) => !mayReach(address));
      if (refused !== undefined) return callback(refusal(hostname, refused.address), '');
      const [first] = addresses;
      if (first === undefined) return callback(new Error(`${hostname} has no address`), '');
      if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
  return {
    lookup,
    check(host) {
      const bare = host.replace(/^\[|\]$/g, '');
      if (isIP(bare) !== 0 && !mayReach(bare)) throw refusal(bare, bare);
    },
  };
}
