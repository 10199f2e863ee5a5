import type { JSX } from 'preact';

export interface ChoiceProps<Key extends string> {
  /** Says what is chosen, for assistive technology. */
  readonly legend: string;
  /** Unlike any other choice on the page. */
  readonly name: string;
  readonly options: readonly (readonly [key: Key, text: string])[];
  readonly chosen: Key;
  readonly onChoose: (key: Key) => void;
}

/** One of a few, side by side. */
export function Choice<Key extends string>({ legend, name, options, chosen, onChoose }: ChoiceProps<Key>): JSX.Element {
  return (
    <fieldset class="segments">
      <legend class="sr-only">{legend}</legend>
      {options.map(([key, text]) => (
        <label key={key}>
          <input type="radio" name={name} value={key} checked={chosen === key} onChange={() => onChoose(key)} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
