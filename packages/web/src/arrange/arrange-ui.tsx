import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { knownMetric, CHART_GROUPS } from '../charts/catalogue.ts';
import { metricTitle } from '../format/name.ts';
import { useDashboard } from '../state/context.ts';
import { Icon } from '../ui/icon.tsx';
import { visibleKeys } from './arrangement.ts';
import type { ArrangeBarProps, Area } from './layout.ts';

const AREAS: readonly Area[] = ['tiles', 'charts'];

function titleOf(area: Area, part: string): string {
  const group = area === 'charts' ? CHART_GROUPS.find(({ key }) => key === part) : undefined;
  return group?.title ?? knownMetric(part)?.title ?? metricTitle(part);
}

/** The controls on one part: earlier, later, hide. Dragging does the same with a pointer. */
export function Bar({ area, part, title }: ArrangeBarProps): JSX.Element {
  const { layout } = useDashboard();
  const shown = visibleKeys(layout.parts(area), layout.arrangement(area));
  const place = shown.indexOf(part);
  const move = (event: MouseEvent, by: -1 | 1): void => {
    const button = event.currentTarget as HTMLElement;
    layout.move(area, part, shown[place + by] ?? part);
    // The part is put elsewhere in the document, which takes the focus away.
    requestAnimationFrame(() => button.focus());
  };
  return (
    <div class="arrange-bar">
      <button type="button" aria-label={`Move ${title} earlier`} aria-disabled={place === 0} onClick={(event) => move(event, -1)}>
        ←
      </button>
      <span class="arrange-grip" aria-hidden="true">
        {place + 1} / {shown.length}
      </span>
      <button
        type="button"
        aria-label={`Move ${title} later`}
        aria-disabled={place === shown.length - 1}
        onClick={(event) => move(event, 1)}
      >
        →
      </button>
      <button type="button" aria-label={`Hide ${title}`} onClick={() => layout.hide(area, part, true)}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Lets any part be dragged onto another of its area while mounted. */
function useDragging(): void {
  const { layout } = useDashboard();
  const dragged = useSignal<{ readonly area: Area; readonly part: string } | undefined>(undefined);
  useEffect(() => {
    const partAt = (event: Event): { area: Area; part: string } | undefined => {
      const element = (event.target as Element).closest<HTMLElement>('[data-part]');
      const { area, part } = element?.dataset ?? {};
      return area === undefined || part === undefined ? undefined : { area: area as Area, part };
    };
    const start = (event: DragEvent): void => void (dragged.value = partAt(event));
    const over = (event: DragEvent): void => {
      if (dragged.value !== undefined && partAt(event)?.area === dragged.value.area) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      const target = partAt(event);
      if (dragged.value === undefined || target?.area !== dragged.value.area) return;
      event.preventDefault();
      layout.move(target.area, dragged.value.part, target.part);
    };
    const listeners = [
      ['dragstart', start],
      ['dragover', over],
      ['drop', drop],
    ] as const;
    for (const [name, listener] of listeners) document.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) document.removeEventListener(name, listener);
    };
  }, []);
}

/** Above the page while it is arranged: what is hidden, the way back, and the way out. */
export function Toolbar(): JSX.Element {
  const { layout } = useDashboard();
  const done = useRef<HTMLButtonElement>(null);
  useDragging();
  useEffect(() => done.current?.focus(), []);
  const hidden = AREAS.flatMap((area) =>
    layout
      .arrangement(area)
      .hidden.filter((part) => layout.parts(area).includes(part))
      .map((part) => ({ area, part })),
  );
  return (
    <section class="arrange-toolbar" aria-label="Arrange the page">
      <p>Drag tiles and charts, or use their arrows. What you choose stays in this browser.</p>
      {hidden.length > 0 && (
        <ul>
          {hidden.map(({ area, part }) => (
            <li key={area + part}>
              <button type="button" onClick={() => layout.hide(area, part, false)}>
                Show {titleOf(area, part)} {area === 'charts' ? 'chart' : 'tile'}
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={() => layout.reset()}>
        Reset
      </button>
      <button type="button" class="primary" ref={done} onClick={() => layout.done()}>
        Done
      </button>
    </section>
  );
}
