import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Silence } from '@bellwether/server/api';
import { useDashboard } from '../../state/context.ts';
import { Card } from '../../ui/card.tsx';
import { useFetched } from '../../ui/fetched.ts';
import { useAlertingApi } from '../alerting-api.ts';
import { exactMatchers } from '../label-matchers.ts';
import { EMPTY_MATCHER } from '../matcher-fields.tsx';
import { SilenceForm } from './silence-form.tsx';
import { SilenceList } from './silence-list.tsx';

/** What is kept quiet, and the form for more of it; labels in the address (`#alerting/silences?alertname=…`) stand in the form. */
export function SilencesPart(): JSX.Element {
  const api = useAlertingApi();
  const { place } = useDashboard();
  const silences = useFetched(() => api.silences(), '');
  /** A saved form gives way to an empty one. */
  const saved = useSignal(0);
  const changed = useSignal<Silence | undefined>(undefined);
  const query = place.value.split('?')[1] ?? '';
  const given = saved.value === 0 ? exactMatchers(Object.fromEntries(new URLSearchParams(query))) : [];
  return (
    <div class="two-columns">
      <SilenceList silences={silences} onChange={(silence) => (changed.value = silence)} />
      <Card
        id="new-silence"
        title={changed.value === undefined ? 'New silence' : 'Change the silence'}
        aside={
          changed.value === undefined ? undefined : (
            <button type="button" onClick={() => (changed.value = undefined)}>
              Leave it as it is
            </button>
          )
        }
      >
        <SilenceForm
          key={`${query} ${saved.value} ${changed.value?.id}`}
          changed={changed.value}
          matchers={given.length > 0 ? given : [EMPTY_MATCHER]}
          isFocused={changed.value !== undefined || given.length > 0}
          onSaved={() => {
            saved.value++;
            changed.value = undefined;
            silences.reload();
          }}
        />
      </Card>
    </div>
  );
}
