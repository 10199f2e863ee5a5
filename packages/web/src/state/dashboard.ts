import { batch, signal, type ReadonlySignal } from '@preact/signals';
import { Api } from '../api/api.ts';
import { ApiError, Http } from '../api/http.ts';
import type { Frame, Instance } from '@bellwether/server/api';
import { Layout } from '../arrange/layout.ts';
import { rangeOf, type Range } from '../charts/range.ts';
import { History } from '../charts/history.ts';
import type { Connection } from '../live/live-stream.ts';
import { LiveFeed } from '../live/live-feed.ts';
import { Theme } from '../theme/theme.ts';
import { startPlace } from './place.ts';
import { Notices } from '../ui/notices.ts';
import { remember, remembered } from './remembered.ts';

/** `checking` until the first answer of the server tells. */
type SessionState = 'checking' | 'signed-in' | 'signed-out';

/** Everything the page's parts share. One per page, made by `main.tsx` and handed down by context. */
export interface Dashboard {
  readonly api: Api;
  /** For the calls of parts that are loaded later. */
  readonly http: Http;
  /** What the address names after its `#`; empty for the overview. */
  readonly place: ReadonlySignal<string>;
  readonly session: ReadonlySignal<SessionState>;
  readonly connection: ReadonlySignal<Connection>;
  /** The newest picture; kept, and shown as old, while the connection is lost. */
  readonly frame: ReadonlySignal<Frame | undefined>;
  readonly history: History;
  readonly range: ReadonlySignal<Range>;
  readonly instances: ReadonlySignal<readonly Instance[]>;
  /** Whose metrics are shown; empty for the server's own. */
  readonly instance: ReadonlySignal<string>;
  readonly notices: Notices;
  readonly theme: Theme;
  readonly layout: Layout;
  /** Wall time in ms, advanced with each frame, or each second without. */
  readonly nowMs: ReadonlySignal<number>;
  readonly signIn: (token: string) => Promise<void>;
  readonly signOut: () => Promise<void>;
  readonly chooseRange: (key: string) => void;
  readonly chooseInstance: (instance: string) => void;
  readonly reconnect: () => void;
}

function tokenFromAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  return token ?? undefined;
}

/** Builds the page's state and starts it: signs in with `#token=…` if given, else looks whether a session is there. */
export function createDashboard(): Dashboard {
  const session = signal<SessionState>('checking');
  const instance = signal('');
  const instances = signal<readonly Instance[]>([]);
  const nowMs = signal(Date.now());
  const range = signal(rangeOf(remembered('range')));
  const notices = new Notices();
  const signedOut = (): void => void (session.value = 'signed-out');
  const http = new Http(new URL('api/v1/', document.baseURI).href, signedOut);
  const api = new Api(http);
  const layout = new Layout();
  const history = new History({ api, range, instance, extraNames: () => layout.ownCharts });
  const onFrame = (frame: Frame): void =>
    batch(() => {
      nowMs.value = Date.now();
      history.append(frame);
    });
  const feed = new LiveFeed({ api, instance, onFrame, onResume: () => void history.load() });

  const enter = (): void => {
    session.value = 'signed-in';
    feed.start();
    api.instances().then(
      (list) => (instances.value = list),
      () => {},
    );
  };
  const check = async (): Promise<void> => {
    try {
      const token = tokenFromAddress();
      if (token === undefined) await api.health();
      else await api.signIn(token);
      enter();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return signedOut();
      // Not reachable: show the page, which says so and keeps trying.
      enter();
    }
  };
  // While frames come they move the time too: one painting, not two.
  setInterval(() => {
    if (!document.hidden && feed.connection.value.phase !== 'live') nowMs.value = Date.now();
  }, 1000);
  void check();

  return {
    api,
    http,
    place: startPlace(),
    session,
    connection: feed.connection,
    frame: feed.frame,
    history,
    range,
    instances,
    instance,
    notices,
    theme: new Theme(),
    layout,
    nowMs,
    signIn: async (token) => {
      await api.signIn(token);
      enter();
    },
    signOut: async () => {
      await api.signOut().catch(() => {});
      feed.stop();
      signedOut();
    },
    chooseRange: (key) => {
      range.value = rangeOf(key);
      remember('range', key);
      void history.load();
    },
    chooseInstance: (name) => {
      batch(() => {
        instance.value = name;
        feed.forget();
        history.clear();
      });
      feed.restart();
    },
    reconnect: () => feed.restart(),
  };
}
