import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { Rate, type Collector, type Readings } from './collector.ts';
import { KeptFile } from './kept-file.ts';

/** Ends of virtual cables and bridges: what passes them passes a real device too, and they come and go with containers. */
const VIRTUAL = /^(lo|veth|cali|docker|br-|virbr|cni|flannel|ifb|dummy|lxc|tap)/;
const MOST_DEVICES = 32;

/** Columns of /proc/net/dev and the metric each is. */
const COLUMNS = [
  [0, 'network_receive_bytes_total'],
  [1, 'network_receive_packets_total'],
  [2, 'network_receive_errors_total'],
  [3, 'network_receive_drops_total'],
  [8, 'network_transmit_bytes_total'],
  [9, 'network_transmit_packets_total'],
  [10, 'network_transmit_errors_total'],
  [11, 'network_transmit_drops_total'],
] as const;

/** Traffic by device and in all, TCP retransmits, sockets. */
export class LinuxNetwork implements Collector {
  readonly name = 'network';
  readonly #clock: Clock;
  readonly #devices: KeptFile;
  readonly #snmp: KeptFile;
  readonly #sockets: KeptFile;
  readonly #received = new Rate();
  readonly #sent = new Rate();

  constructor(systemRoot: string, clock: Clock) {
    this.#clock = clock;
    this.#devices = new KeptFile(path.join(systemRoot, 'proc/net/dev'));
    this.#snmp = new KeptFile(path.join(systemRoot, 'proc/net/snmp'));
    this.#sockets = new KeptFile(path.join(systemRoot, 'proc/net/sockstat'));
  }

  collect(into: Readings): void {
    this.#collectDevices(into);
    this.#collectTcp(into);
    const used = /^sockets: used (\d+)/m.exec(this.#sockets.read() ?? '')?.[1];
    into.gauge('network_sockets', used === undefined ? undefined : Number(used));
  }

  [Symbol.dispose](): void {
    for (const file of [this.#devices, this.#snmp, this.#sockets]) file[Symbol.dispose]();
  }

  #collectDevices(into: Readings): void {
    const text = this.#devices.read();
    if (text === undefined) throw new Error(`${this.#devices.path} cannot be read`);
    let received = 0;
    let sent = 0;
    let devices = 0;
    for (const line of text.split('\n')) {
      const colon = line.indexOf(':');
      const device = line.slice(0, Math.max(0, colon)).trim();
      if (device === '' || VIRTUAL.test(device) || ++devices > MOST_DEVICES) continue;
      const columns = line
        .slice(colon + 1)
        .trim()
        .split(/ +/)
        .map(Number);
      received += columns[0] ?? 0;
      sent += columns[8] ?? 0;
      for (const [column, metric] of COLUMNS) into.counter(metric, columns[column], { device });
    }
    const atMs = this.#clock.monotonicMs();
    into.gauge('network_receive_bytes_per_second', rounded(this.#received.next(received, atMs)));
    into.gauge('network_transmit_bytes_per_second', rounded(this.#sent.next(sent, atMs)));
  }

  #collectTcp(into: Readings): void {
    const [names, values] = (this.#snmp.read() ?? '').split('\n').filter((line) => line.startsWith('Tcp:'));
    if (names === undefined || values === undefined) return;
    const columns = names.split(' ');
    const cells = values.split(' ');
    const cell = (name: string): number => Number(cells[columns.indexOf(name)]);
    into.counter('network_tcp_retransmits_total', cell('RetransSegs'));
    into.gauge('network_tcp_connections', cell('CurrEstab'));
  }
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}
