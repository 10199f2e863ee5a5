import { effect, type ReadonlySignal } from '@preact/signals';
import type { Frame } from '@bellwether/server/api';

/** Keeps the browser's tab telling: the number of alerts before the name, and a mark on the icon while one is high or critical. */
export function startTabSign(frame: ReadonlySignal<Frame | undefined>): void {
  const icon = document.querySelector<HTMLLinkElement>('#favicon');
  effect(() => {
    const { low, medium, high, critical } = frame.value?.severity_breakdown ?? { low: 0, medium: 0, high: 0, critical: 0 };
    const isUrgent = high + critical > 0;
    const count = low + medium + high + critical;
    document.title = count === 0 ? 'Bellwether' : `(${count}) Bellwether`;
    const address = isUrgent ? './favicon-alert.svg' : './favicon.svg';
    if (icon !== null && icon.getAttribute('href') !== address) icon.href = address;
  });
}
