import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';

/** Chooses whose metrics are shown; absent while there is only one. */
export function InstancePicker(): JSX.Element | null {
  const { instances, instance, chooseInstance } = useDashboard();
  const others = instances.value.filter(({ instance: name }) => name !== '');
  if (others.length === 0) return null;
  return (
    <label class="instances">
      <span class="sr-only">Instance</span>
      <select value={instance.value} onChange={(event) => chooseInstance(event.currentTarget.value)}>
        <option value="">This server</option>
        {others.map(({ instance: name, job }) => (
          <option key={name} value={name}>
            {job === '' ? name : `${job} · ${name}`}
          </option>
        ))}
      </select>
    </label>
  );
}
