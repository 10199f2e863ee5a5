import { escalationAfterMs, SEVERITIES, type ActiveAlert } from '@bellwether/monitor/engine';
import type { Escalations } from '../../api-types.ts';
import { alertPage } from '../alert-view.ts';
import { route, type Route } from '../route.ts';
import { escalationsSchema } from '../alerting-schemas.ts';
import { isoTime } from '../time-view.ts';
import { strictObject } from '../validate.ts';

/** Of a storm the first are shown. */
const MOST_SHOWN = 1000;

export const escalationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/alerting/escalations',
    tag: 'Alerts',
    summary: 'Who is told when nobody takes an alert, and when that will be',
    description: 'The ladder is `escalation` of the configuration file; `POST /-/reload` takes a changed one.',
    scope: 'read',
    query: strictObject({}),
    answer: escalationsSchema,
    handle: (_request, { engine }): Escalations => {
      const { ladder } = engine.notifying;
      const least = SEVERITIES.indexOf(ladder.minimumSeverity);
      const isClimbing = ({ severity, acknowledgedBy }: ActiveAlert): boolean =>
        acknowledgedBy === undefined && SEVERITIES.indexOf(severity) >= least;
      const { alerts } = alertPage(engine, { limit: MOST_SHOWN, offset: 0, fits: isClimbing });
      return {
        minimum_severity: ladder.minimumSeverity,
        repeat_seconds: ladder.repeatMs === undefined ? null : ladder.repeatMs / 1000,
        steps: ladder.steps.map(({ afterMs, channels }) => ({ after_seconds: afterMs / 1000, channels: channels ?? null })),
        alerts: alerts.map(({ id, message, severity, escalationLevel, firedAtMs }) => {
          const afterMs = escalationAfterMs(ladder, escalationLevel);
          return { id, message, severity, level: escalationLevel, next_at: afterMs === Infinity ? null : isoTime(firedAtMs + afterMs) };
        }),
      };
    },
  }),
];
