import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { CacheStats } from '@bellwether/server/api';
import { quantityText, wholeText } from '../format/number.ts';
import { useDashboard } from '../state/context.ts';
import { Blank, Loading } from '../ui/blank.tsx';
import { Card } from '../ui/card.tsx';
import { SureButton } from '../ui/sure-button.tsx';
import { CacheEntries } from './cache-entries.tsx';

function Gauge({ label, percent, text }: { readonly label: string; readonly percent: number; readonly text: string }): JSX.Element {
  return (
    <div class="gauge">
      <span class="gauge-label">{label}</span>
      <b>{text}</b>
      <meter min={0} max={100} value={percent} aria-label={label}>
        {text}
      </meter>
    </div>
  );
}

function Figures({ stats }: { readonly stats: CacheStats }): JSX.Element {
  const figures: readonly (readonly [string, string])[] = [
    ['Hits', wholeText(stats.hits)],
    ['Misses', wholeText(stats.misses)],
    ['Evictions', wholeText(stats.evictions)],
    ['Size', quantityText(stats.total_size, 'bytes')],
  ];
  return (
    <>
      <div class="gauges">
        <Gauge label="Hit rate" percent={stats.hit_rate} text={`${stats.hit_rate.toFixed(1)} %`} />
        <Gauge
          label="Filled"
          percent={stats.utilization}
          text={`${wholeText(stats.entry_count)} of ${wholeText(stats.max_size)} (${stats.utilization.toFixed(1)} %)`}
        />
      </div>
      <dl class="figures">
        {figures.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Actions(): JSX.Element {
  const { api, notices } = useDashboard();
  const tags = useSignal('');
  const run = (call: Promise<string>): void =>
    void call.then(
      (text) => notices.done(text),
      (error: unknown) => notices.failed(error),
    );
  const clearTags = (event: Event): void => {
    event.preventDefault();
    const list = tags.value.split(/[\s,]+/).filter(Boolean);
    if (list.length === 0) return notices.failed('Write one or more tags first, such as: user, market');
    run(api.clearCache(list));
    tags.value = '';
  };
  return (
    <div class="cache-actions">
      <form onSubmit={clearTags}>
        <label class="sr-only" for="clear-tags">
          Tags to clear
        </label>
        <input
          id="clear-tags"
          placeholder="Tags, such as: user, market"
          autocomplete="off"
          value={tags.value}
          onInput={(event) => (tags.value = event.currentTarget.value)}
        />
        <button type="submit">Clear tags</button>
      </form>
      <button type="button" onClick={() => run(api.cleanUpCache())}>
        Remove expired
      </button>
      <SureButton question="Really clear everything?" onSure={() => run(api.clearCache([]))}>
        Clear everything
      </SureButton>
    </div>
  );
}

/** How well the cache works, what is in it, and the ways to empty it. */
export function CachePanel(): JSX.Element {
  const { frame } = useDashboard();
  const stats = frame.value?.cache;
  const isUnused = stats !== undefined && stats.max_size === 0;
  return (
    <Card id="cache" title="Cache">
      {stats === undefined && <Loading lines={3} label="Loading cache statistics" />}
      {isUnused && (
        <Blank icon="plug" title="No cache in this process">
          Import <code>enhancedCache</code> from <code>@bellwether/cache</code> and it appears here.
        </Blank>
      )}
      {stats !== undefined && !isUnused && (
        <>
          <Figures stats={stats} />
          <Actions />
          <CacheEntries />
        </>
      )}
    </Card>
  );
}
