/**
 * The services that channels talk to, as they answer: sizes they refuse, what they say when they are asked too often, and their words for a
 * request that can never succeed. After each service's public documentation.
 */
import type { Answer, FakeService } from './http-receiver.ts';

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

interface SlackBody {
  readonly text?: string;
  readonly channel?: string;
  readonly ts?: string;
  readonly blocks?: readonly { readonly type: string; readonly text?: { readonly text: string } }[];
}

function slackProblem({ text = '', blocks = [] }: SlackBody): string | undefined {
  if (text === '' && blocks.length === 0) return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks.length > 50) return 'invalid_blocks';
  const isTooLong = blocks.some(
    ({ type, text: block }) => (block?.text.length ?? 1) > (type === 'header' ? 150 : 3000) || block?.text === '',
  );
  return isTooLong ? 'invalid_blocks' : undefined;
}

export const SLACK_WEBHOOK: FakeService = {
  take({ body }) {
    const problem = slackProblem(JSON.parse(body) as SlackBody);
    return problem === undefined ? { status: 200, body: 'ok' } : { status: 400, body: problem };
  },
  busy: { status: 429, headers: { 'retry-after': '30' }, body: 'rate_limited' },
  fail: { status: 503, body: 'rollup_error' },
  refuse: { status: 410, body: 'channel_is_archived' },
};

/** The Web API tells failures in the body of a 200. */
export const SLACK_API: FakeService = {
  take({ path, headers, body }) {
    if (headers.authorization !== 'Bearer xoxb-s3cret') return json(200, { ok: false, error: 'invalid_auth' });
    const message = JSON.parse(body) as SlackBody;
    const problem = slackProblem(message);
    if (problem !== undefined) return json(200, { ok: false, error: problem });
    if (path.endsWith('/chat.update') && message.ts === '0.000') return json(200, { ok: false, error: 'message_not_found' });
    return json(200, { ok: true, channel: 'C1', ts: message.ts ?? '1700000000.000100' });
  },
  busy: json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': '30' }),
  fail: json(200, { ok: false, error: 'internal_error' }),
  refuse: json(200, { ok: false, error: 'channel_not_found' }),
};

interface PagerDutyBody {
  readonly routing_key: string;
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload: { readonly summary: string; readonly source: string; readonly severity: string };
}

export const PAGERDUTY: FakeService = {
  take({ body }) {
    const { routing_key, event_action, dedup_key, payload } = JSON.parse(body) as PagerDutyBody;
    const isFit =
      Buffer.byteLength(body) <= 512_000 &&
      routing_key.length === 32 &&
      ['trigger', 'acknowledge', 'resolve'].includes(event_action) &&
      dedup_key.length <= 255 &&
      payload.summary.length <= 1024 &&
      payload.source !== '' &&
      ['critical', 'error', 'warning', 'info'].includes(payload.severity);
    return isFit ? json(202, { status: 'success', dedup_key }) : json(400, { status: 'invalid event' });
  },
  busy: { status: 429 },
  fail: { status: 500 },
  refuse: json(400, { status: 'invalid event', errors: ['Invalid routing key'] }),
};

export const TEAMS: FakeService = {
  take({ body }) {
    if (Buffer.byteLength(body) > 28_000) return { status: 413, body: 'RequestEntityTooLarge' };
    const { attachments } = JSON.parse(body) as { readonly attachments: readonly { readonly contentType: string }[] };
    return attachments[0]?.contentType === 'application/vnd.microsoft.card.adaptive' ? { status: 202 } : { status: 400 };
  },
  busy: {
    status: 200,
    body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x.',
  },
  fail: { status: 502 },
  refuse: { status: 404, body: 'WorkflowTriggerNotFound' },
};

interface TelegramBody {
  readonly text: string;
  readonly parse_mode: string;
  readonly chat_id: string;
}

export const TELEGRAM: FakeService = {
  take({ path, body }) {
    if (!path.endsWith('/bot123:s3cret/sendMessage')) return json(404, { ok: false, error_code: 404, description: 'Not Found' });
    const { text } = JSON.parse(body) as TelegramBody;
    const seen = text.replaceAll(/<[^>]*>/g, '').replaceAll(/&(lt|gt|amp);/g, 'x');
    if (seen.length > 4096) return json(400, { ok: false, error_code: 400, description: 'Bad Request: message is too long' });
    if (/<(?!\/?b>)/.test(text)) return json(400, { ok: false, error_code: 400, description: "Bad Request: can't parse entities" });
    return json(200, { ok: true, result: { message_id: 7 } });
  },
  busy: json(429, { ok: false, error_code: 429, description: 'Too Many Requests: retry after 30', parameters: { retry_after: 30 } }),
  fail: json(500, { ok: false, error_code: 500, description: 'Internal Server Error' }),
  refuse: json(403, { ok: false, error_code: 403, description: 'Forbidden: bot was kicked from the group chat' }),
};

interface NtfyBody {
  readonly topic: string;
  readonly message: string;
  readonly priority: number;
}

export const NTFY: FakeService = {
  take({ body }) {
    const { topic, message, priority } = JSON.parse(body) as NtfyBody;
    const isFit = /^[\w-]{1,64}$/.test(topic) && Buffer.byteLength(message) <= 4096 && priority >= 1 && priority <= 5;
    return isFit ? json(200, { id: 'x', event: 'message' }) : json(400, { code: 40024, http: 400, error: 'invalid request' });
  },
  busy: json(429, { code: 42901, http: 429, error: 'limit reached: too many requests' }),
  fail: json(500, { code: 50001, http: 500, error: 'internal server error' }),
  refuse: json(403, { code: 40301, http: 403, error: 'forbidden' }),
};
