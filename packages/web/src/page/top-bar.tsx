import type { JSX } from 'preact';
import { InstancePicker } from '../instances/instance-picker.tsx';
import { ConnectionPill } from '../live/connection-pill.tsx';
import { useDashboard } from '../state/context.ts';
import { ThemeButton } from '../theme/theme-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Brand } from './brand.tsx';

/** Not by the address, which names the part of the page. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

/** Always in sight: whose page this is, whether it is live, whose metrics it shows. */
export function TopBar(): JSX.Element {
  const { signOut, layout, place } = useDashboard();
  const isOverview = place.value === '';
  const isArranging = layout.ui.value !== undefined;
  const arrange = (): void => (isArranging ? layout.done() : void layout.arrange());
  return (
    <header class="top-bar">
      <a class="skip" href="#content" onClick={skip}>
        Skip to content
      </a>
      <h1>
        <Brand />
      </h1>
      <nav class="tabs" aria-label="Pages">
        <a href="#" aria-current={isOverview ? 'page' : undefined}>
          Overview
        </a>
        <a href="#alerting" aria-current={isOverview ? undefined : 'page'}>
          Alerting
        </a>
      </nav>
      <ConnectionPill />
      <span class="spring" />
      <InstancePicker />
      {isOverview && (
        <button
          type="button"
          class="quiet"
          title="Arrange the page"
          aria-label="Arrange the page"
          aria-pressed={isArranging}
          onClick={arrange}
        >
          <Icon name="arrange" />
        </button>
      )}
      <ThemeButton />
      <button type="button" class="quiet" title="Sign out" aria-label="Sign out" onClick={() => void signOut()}>
        <Icon name="signOut" />
      </button>
    </header>
  );
}
