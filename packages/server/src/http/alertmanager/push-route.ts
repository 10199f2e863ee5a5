import { isLabelName, redactLabels, type Labels, type PushedAlert } from '@bellwether/monitor/engine';
import { z } from 'zod';
import { timeParameter } from '../parameters.ts';
import { ApiProblem } from '../problem.ts';
import { route, type Route } from '../route.ts';

const MOST_AT_ONCE = 10_000;
/** Thirty-two labels, annotations and fields an alert. */
const MOST_VALUES = 32 * MOST_AT_ONCE;
const DEEPEST = 8;
/** What Go's clients send for an instant that is not set, with fractions or without. */
const UNSET = /^0001-01-01T00:00:00(?:\.0+)?Z$/;

const texts = z.record(z.string().max(200), z.string().max(10_000));
const alertSchema = z.object({
  labels: texts,
  annotations: texts.default({}),
  startsAt: z.string().max(64).optional(),
  endsAt: z.string().max(64).optional(),
  generatorURL: z.string().max(10_000).optional(),
});
type Posted = z.infer<typeof alertSchema>;

/** An empty value is an absent label. */
function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

function instant(name: string, text: string | undefined, nowMs: number): number | undefined {
  return text === undefined || text === '' || UNSET.test(text) ? undefined : timeParameter(name, text, nowMs);
}

function pushedOf(posted: Posted, position: number, nowMs: number): PushedAlert {
  const labels = withoutEmpty(posted.labels);
  const wrong = Object.keys(labels).find((name) => !isLabelName(name));
  if (wrong !== undefined)
    throw new ApiProblem('body_invalid', `[${position}].labels: ${JSON.stringify(wrong.slice(0, 80))} is not a label name`);
  if (Object.keys(labels).length === 0 || Object.keys(labels).length > 64)
    throw new ApiProblem('body_invalid', `[${position}].labels: an alert has 1 to 64 labels with a value`);
  const startsAtMs = instant(`[${position}].startsAt`, posted.startsAt, nowMs);
  const endsAtMs = instant(`[${position}].endsAt`, posted.endsAt, nowMs);
  if (startsAtMs !== undefined && endsAtMs !== undefined && endsAtMs < startsAtMs)
    throw new ApiProblem('body_invalid', `[${position}]: it ends before it starts`);
  return { labels: { alertname: 'alert', ...redactLabels(labels) }, annotations: posted.annotations, startsAtMs, endsAtMs };
}

/** Takes alerts of Prometheus servers and of anything else that speaks to Alertmanager. */
export const pushRoute: Route = route({
  method: 'POST',
  path: '/api/v2/alerts',
  tag: 'Alertmanager',
  scope: 'ingest',
  summary: 'Push alerts that another program judged',
  description:
    'Push again while they fire: an alert ends at `endsAt`, or some minutes after the last push. Answers when they are on disk. At most 10,000 alerts and 16 MiB at once.',
  body: z.array(alertSchema).max(MOST_AT_ONCE),
  largeBody: { depth: DEEPEST, elements: MOST_AT_ONCE, values: MOST_VALUES },
  handle: async ({ body }, { engine }) => {
    const nowMs = engine.clock.nowMs();
    await engine.pushAlerts(body.map((posted, position) => pushedOf(posted, position, nowMs)));
    return new Response(null, { status: 200 });
  },
});
