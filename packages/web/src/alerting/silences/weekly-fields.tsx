import type { JSX } from 'preact';
import { WEEKDAYS, type Weekday, type WeeklyTime } from './maintenance-times.ts';

export interface WeeklyFieldsProps {
  readonly weekly: WeeklyTime;
  readonly onChange: (weekly: WeeklyTime) => void;
}

const title = (day: Weekday): string => day.charAt(0).toUpperCase() + day.slice(1);

function Days({ weekly, onChange }: WeeklyFieldsProps): JSX.Element {
  const toggle = (day: Weekday): void => {
    const days = WEEKDAYS.filter((other) => weekly.days.includes(other) !== (other === day));
    onChange({ ...weekly, days });
  };
  return (
    <fieldset class="weekdays">
      <legend>On these days</legend>
      {WEEKDAYS.map((day) => (
        <label key={day}>
          <input type="checkbox" checked={weekly.days.includes(day)} onChange={() => toggle(day)} />
          <span aria-hidden="true">{title(day).slice(0, 3)}</span>
          <span class="sr-only">{title(day)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Clocks({ weekly, onChange }: WeeklyFieldsProps): JSX.Element {
  const clock = (name: 'from' | 'to', label: string): JSX.Element => (
    <label class="field">
      {label}
      <input type="time" required value={weekly[name]} onInput={(event) => onChange({ ...weekly, [name]: event.currentTarget.value })} />
    </label>
  );
  return (
    <div class="row">
      {clock('from', 'From')}
      {clock('to', 'to')}
      <label class="field">
        Time zone
        <input
          list="time-zones"
          required
          autocomplete="off"
          value={weekly.zone}
          onInput={(event) => onChange({ ...weekly, zone: event.currentTarget.value })}
        />
      </label>
      <datalist id="time-zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </div>
  );
}

/** Weekdays, times and time zone of a maintenance window that comes again. */
export function WeeklyFields(props: WeeklyFieldsProps): JSX.Element {
  const { weekly } = props;
  return (
    <>
      <Days {...props} />
      <Clocks {...props} />
      {weekly.to <= weekly.from && <p class="muted">Ends on the day after.</p>}
    </>
  );
}
