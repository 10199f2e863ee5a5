import type { JSX } from 'preact';
import { useDashboard } from '../state/context.ts';
import { Icon } from './icon.tsx';

/** The corner where outcomes of actions appear; a live region, so that they are read out too. */
export function NoticeList(): JSX.Element {
  const { notices } = useDashboard();
  return (
    <div class="notices" role="status">
      {notices.list.value.map((notice) => (
        <p key={notice.id} class={`notice notice-${notice.kind}`}>
          <Icon name={notice.kind === 'done' ? 'check' : 'close'} />
          <span>{notice.text}</span>
          <button type="button" class="quiet" aria-label="Dismiss message" onClick={() => notices.dismiss(notice.id)}>
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
