import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { Icon } from '../ui/icon.tsx';
import type { ThemeChoice } from './theme.ts';

const ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;
const NEXT: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };

/** Goes through the themes: the system's, light, dark. */
export function ThemeButton(): JSX.Element {
  const { theme } = useDashboard();
  const choice = theme.choice.value;
  const text = `Theme: ${choice}. Change to ${NEXT[choice]}`;
  return (
    <button type="button" class="quiet" title={text} aria-label={text} onClick={() => theme.next()}>
      <Icon name={ICONS[choice]} />
    </button>
  );
}
