import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';

/** Conditions as the API takes them; an empty one does not count. */
export interface Wanted {
  readonly severity: string;
  readonly acknowledged: string;
  readonly silenced: string;
  /** Matchers, such as `job="web"`. */
  readonly filter: string;
}

export const NO_FILTER: Wanted = { severity: '', acknowledged: '', silenced: '', filter: '' };

type Options = readonly (readonly [value: string, text: string])[];
const SEVERITIES: Options = ['', 'critical', 'high', 'medium', 'low'].map((level) => [level, level === '' ? 'any' : level] as const);
const ACKNOWLEDGED: Options = [
  ['', 'any'],
  ['false', 'nobody yet'],
  ['true', 'somebody'],
];
const SILENCED: Options = [
  ['', 'any'],
  ['false', 'not silenced'],
  ['true', 'silenced'],
];

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: Options;
  readonly onChange: (value: string) => void;
}

function Select({ label, value, options, onChange }: SelectProps): JSX.Element {
  return (
    <label class="field">
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Which of the alerts are listed. The labels count when Enter is pressed or the field is left. */
export function AlertFilter({ wanted, onChange }: { readonly wanted: Wanted; readonly onChange: (wanted: Wanted) => void }): JSX.Element {
  const text = useSignal(wanted.filter);
  const submit = (event?: Event): void => {
    event?.preventDefault();
    if (text.value.trim() !== wanted.filter) onChange({ ...wanted, filter: text.value.trim() });
  };
  return (
    <form class="filters" onSubmit={submit} role="search" aria-label="Active alerts">
      <Select label="Severity" value={wanted.severity} options={SEVERITIES} onChange={(severity) => onChange({ ...wanted, severity })} />
      <Select
        label="Taken by"
        value={wanted.acknowledged}
        options={ACKNOWLEDGED}
        onChange={(acknowledged) => onChange({ ...wanted, acknowledged })}
      />
      <Select label="Silence" value={wanted.silenced} options={SILENCED} onChange={(silenced) => onChange({ ...wanted, silenced })} />
      <label class="field grows">
        Labels
        <input
          value={text.value}
          placeholder={'job="web",route=~"/api/.*"'}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onBlur={() => submit()}
        />
      </label>
    </form>
  );
}
