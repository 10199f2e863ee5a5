import type { JSX } from 'preact';
import { InstancePicker } from '../instances/instance-picker.tsx';
import { ConnectionPill } from '../live/connection-pill.tsx';
import { useDashboard } from '../state/context.ts';
import { ThemeButton } from '../theme/theme-button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Brand } from './brand.tsx';

/** Always in sight: whose page this is, whether it is live, whose metrics it shows. */
export function TopBar(): JSX.Element {
  const { signOut } = useDashboard();
  return (
    <header class="top-bar">
      <a class="skip" href="#content">
        Skip to content
      </a>
      <h1>
        <Brand />
      </h1>
      <ConnectionPill />
      <span class="spring" />
      <InstancePicker />
      <ThemeButton />
      <button type="button" class="quiet" title="Sign out" aria-label="Sign out" onClick={() => void signOut()}>
        <Icon name="signOut" />
      </button>
    </header>
  );
}
