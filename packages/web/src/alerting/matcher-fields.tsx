import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { SilenceMatcher } from '@bellwether/server/api';
import { Icon } from '../ui/icon.tsx';
import { OPERATORS, operatorOf, withOperator, type Operator } from './label-matchers.ts';

export const EMPTY_MATCHER: SilenceMatcher = { name: '', value: '', isRegex: false, isEqual: true };

export interface MatcherFieldsProps {
  readonly matchers: readonly SilenceMatcher[];
  readonly onChange: (matchers: readonly SilenceMatcher[]) => void;
  /** Only `=`: labels, not matchers. @default false */
  readonly isExact?: boolean;
}

interface RowProps {
  readonly matcher: SilenceMatcher;
  /** From 1: rows are told apart by it. */
  readonly number: number;
  readonly isExact: boolean;
  readonly onChange: (matcher: SilenceMatcher) => void;
  /** `undefined` for the only row. */
  readonly onRemove: (() => void) | undefined;
}

function Row({ matcher, number, isExact, onChange, onRemove }: RowProps): JSX.Element {
  return (
    <li class="matcher">
      <input
        class="matcher-name"
        aria-label={`Label ${number}: name`}
        placeholder="alertname"
        required={!isExact}
        autocomplete="off"
        spellcheck={false}
        value={matcher.name}
        onInput={(event) => onChange({ ...matcher, name: event.currentTarget.value.trim() })}
      />
      {isExact ? (
        <span aria-hidden="true">=</span>
      ) : (
        <select
          aria-label={`Label ${number}: comparison`}
          value={operatorOf(matcher)}
          onChange={(event) => onChange(withOperator(matcher, event.currentTarget.value as Operator))}
        >
          {OPERATORS.map(({ operator, words }) => (
            <option key={operator} value={operator}>
              {words}
            </option>
          ))}
        </select>
      )}
      <input
        class="matcher-value"
        aria-label={`Label ${number}: value`}
        autocomplete="off"
        spellcheck={false}
        value={matcher.value}
        onInput={(event) => onChange({ ...matcher, value: event.currentTarget.value })}
      />
      <button type="button" class="quiet" aria-label={`Remove label ${number}`} disabled={onRemove === undefined} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </li>
  );
}

/** Rows of label, comparison and value. A new row gets the focus, and so does the list's button when a row goes. */
export function MatcherFields({ matchers, onChange, isExact = false }: MatcherFieldsProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const adder = useRef<HTMLButtonElement>(null);
  const add = (): void => {
    onChange([...matchers, EMPTY_MATCHER]);
    setTimeout(() => list.current?.querySelector<HTMLInputElement>('li:last-child input')?.focus());
  };
  const remove = (index: number): void => {
    onChange(matchers.toSpliced(index, 1));
    adder.current?.focus();
  };
  return (
    <>
      <ul class="matchers" ref={list}>
        {matchers.map((matcher, index) => (
          <Row
            key={index}
            matcher={matcher}
            number={index + 1}
            isExact={isExact}
            onChange={(changed) => onChange(matchers.with(index, changed))}
            onRemove={matchers.length > 1 ? () => remove(index) : undefined}
          />
        ))}
      </ul>
      <button type="button" ref={adder} onClick={add}>
        Add a label
      </button>
    </>
  );
}
