import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Delivery } from '@bellwether/server/api';
import { dateTimeText, durationText } from '../../format/time.ts';
import { Blank, Loading } from '../../ui/blank.tsx';
import { Card } from '../../ui/card.tsx';
import type { Fetched } from '../../ui/fetched.ts';
import { Pager } from '../../ui/pager.tsx';
import { Choice } from '../choice.tsx';
import { Mark, type Tone } from '../mark.tsx';
import { Problem } from '../problem.tsx';

const SIZE = 15;

type Status = Delivery['status'];

const WORDS: Record<Status, readonly [Tone, string]> = {
  delivered: ['good', 'Sent'],
  waiting: ['wait', 'Waiting'],
  dead: ['bad', 'Given up'],
  superseded: ['idle', 'Replaced by newer'],
};
const OPTIONS = [
  ['all', 'All'],
  ['delivered', 'Sent'],
  ['waiting', 'Waiting'],
  ['dead', 'Given up'],
] as const;

function outcome({ attempts, created_at, delivered_at, last_error }: Delivery): string {
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  const took = delivered_at === null ? '' : ` in ${durationText(Date.parse(delivered_at) - Date.parse(created_at))}`;
  return `${tries}${took}${last_error === null ? '' : `; last error: ${last_error}`}`;
}

function DeliveryTable({ deliveries }: { readonly deliveries: readonly Delivery[] }): JSX.Element {
  return (
    <div class="scroll whole-page" role="region" aria-label="Deliveries: table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Message</th>
            <th scope="col">Status</th>
            <th scope="col">Channel</th>
            <th scope="col">Made</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={delivery.id}>
              <th scope="row">
                {delivery.title}
                <div class="muted">{outcome(delivery)}</div>
              </th>
              <td>
                <Mark tone={WORDS[delivery.status][0]}>{WORDS[delivery.status][1]}</Mark>
              </td>
              <td>{delivery.channel}</td>
              <td>{dateTimeText(Date.parse(delivery.created_at))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The newest notifications with what became of them. */
export function Deliveries({ deliveries }: { readonly deliveries: Fetched<readonly Delivery[]> }): JSX.Element {
  const { value, problem } = deliveries;
  const status = useSignal<(typeof OPTIONS)[number][0]>('all');
  const offset = useSignal(0);
  const listed = value?.filter((delivery) => status.value === 'all' || delivery.status === status.value) ?? [];
  return (
    <Card
      id="deliveries"
      title="Deliveries"
      aside={
        <Choice
          legend="Which deliveries"
          name="deliveries"
          options={OPTIONS}
          chosen={status.value}
          onChoose={(key) => {
            status.value = key;
            offset.value = 0;
          }}
        />
      }
    >
      <Problem text={problem} />
      {value === undefined && problem === '' && <Loading lines={3} label="Loading deliveries" />}
      {value !== undefined && listed.length === 0 && (
        <Blank icon="check" title="No delivery here">
          {value.length === 0
            ? 'Messages appear when an alert fires and a channel is there to tell of it.'
            : 'Choose All to see the others.'}
        </Blank>
      )}
      {listed.length > 0 && <DeliveryTable deliveries={listed.slice(offset.value, offset.value + SIZE)} />}
      <Pager label="Deliveries" offset={offset.value} size={SIZE} total={listed.length} onMove={(to) => (offset.value = to)} />
    </Card>
  );
}
