/** What receivers heard, in a form that two servers can be compared by: per receiver, group and alert the statuses in their order, repetitions taken once. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keyOf } from './script.ts';
import type { Labels } from './random-routing.ts';

/** `receiver | group labels | alert labels` → `firing,resolved,…` */
export type Heard = Map<string, readonly string[]>;

interface Body {
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly truncatedAlerts: number;
  readonly alerts: readonly { readonly status: string; readonly labels: Labels; readonly annotations: Labels }[];
}

export interface HearingServer {
  readonly url: string;
  readonly heard: Heard;
  readonly bodies: Body[];
  readonly server: Server;
}

export function hearingKey(receiver: string, groupLabels: Labels, labels: Labels): string {
  return `${receiver} | ${keyOf(groupLabels)} | ${keyOf(labels)}`;
}

function take(heard: Heard, at: string, { receiver, groupLabels, alerts }: Body): void {
  for (const { status, labels } of alerts) {
    const key = hearingKey(`${at}=${receiver}`, groupLabels, labels);
    const before = heard.get(key) ?? [];
    if (before.at(-1) !== status) heard.set(key, [...before, status]);
  }
}

/** A receiver of webhooks that remembers. */
export async function listen(): Promise<HearingServer> {
  const heard: Heard = new Map();
  const bodies: Body[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      const body = JSON.parse(text) as Body;
      bodies.push(body);
      take(heard, (request.url ?? '').slice(1), body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, bodies, server };
}
