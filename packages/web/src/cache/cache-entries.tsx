import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CacheEntry } from '@bellwether/server/api';
import { quantityText } from '../format/number.ts';
import { durationText } from '../format/time.ts';
import { useDashboard } from '../state/context.ts';
import { Pager } from '../ui/pager.tsx';

const PAGE = 20;

function EntryTable({ entries }: { readonly entries: readonly CacheEntry[] }): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label="Cache entries" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Tags</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Time left
            </th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.key}>
              <th scope="row">
                <code>{entry.key}</code>
              </th>
              <td>{entry.tags.join(', ')}</td>
              <td class="number">{quantityText(entry.size_bytes, 'bytes')}</td>
              <td class="number">{entry.ttl_seconds === null ? 'no end' : durationText(entry.ttl_seconds * 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Entries(): JSX.Element {
  const { api } = useDashboard();
  const tag = useSignal('');
  const offset = useSignal(0);
  const page = useSignal<{ entries: readonly CacheEntry[]; total: number } | undefined>(undefined);
  const failure = useSignal('');
  useEffect(() => {
    let isCurrent = true;
    api.cacheEntries({ tag: tag.value.trim(), offset: offset.value, limit: PAGE }).then(
      (answer) => isCurrent && ((page.value = answer), (failure.value = '')),
      (error: Error) => isCurrent && (failure.value = error.message),
    );
    return () => void (isCurrent = false);
  }, [tag.value, offset.value]);
  const total = page.value?.total ?? 0;
  const filter = (value: string): void => {
    tag.value = value;
    offset.value = 0;
  };
  return (
    <>
      <label class="field">
        Only with tag
        <input value={tag.value} autocomplete="off" onInput={(event) => filter(event.currentTarget.value)} />
      </label>
      {failure.value !== '' && <p class="problem">{failure.value}</p>}
      {page.value !== undefined && total === 0 && (
        <p class="muted">No entries{tag.value === '' ? ' yet.' : ` with the tag “${tag.value}”.`}</p>
      )}
      {total > 0 && <EntryTable entries={page.value?.entries ?? []} />}
      <Pager label="Entries" offset={offset.value} size={PAGE} total={total} onMove={(to) => (offset.value = to)} />
    </>
  );
}

/** Keys, sizes, tags and time left, page by page; fetched only when opened. Values are never shown. */
export function CacheEntries(): JSX.Element {
  const isOpen = useSignal(false);
  return (
    <details class="entries" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>Entries</summary>
      {isOpen.value && <Entries />}
    </details>
  );
}
