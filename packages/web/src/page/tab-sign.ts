import { effect, type ReadonlySignal } from '@preact/signals';
import type { Frame } from '@bellwether/server/api';

/** Keeps the browser's tab telling: the number of alerts before the name, and a mark on the icon while one is high or critical. */
export function startTabSign(frame: ReadonlySignal<Frame | undefined>): void {
  const icon = document.querySelector<HTMLLinkElement>('#favicon');
  effect(() => {
    const alerts = frame.value?.alerts ?? [];
    const isUrgent = alerts.some(({ severity }) => severity === 'high' || severity === 'critical');
    const count = frame.value?.health.active_alerts ?? 0;
    document.title = count === 0 ? 'Bellwether' : `(${count}) Bellwether`;
    const address = isUrgent ? './favicon-alert.svg' : './favicon.svg';
    if (icon !== null && icon.getAttribute('href') !== address) icon.href = address;
  });
}
