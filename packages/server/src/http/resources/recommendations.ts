import { CATEGORIES, PRIORITIES } from '@bellwether/monitor/engine';
import { ofInstance } from '../alert-view.ts';
import { choice, text } from '../parameters.ts';
import { recommendationListView } from '../recommendation-view.ts';
import { route, type Route } from '../route.ts';
import { recommendationListSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

export const recommendationRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/performance/recommendations',
    tag: 'Recommendations',
    summary: 'What to do about bottlenecks',
    description: 'Highest priority first. The breakdown covers all recommendations, whatever the filter.',
    scope: 'read',
    query: strictObject({ priority: choice(PRIORITIES), category: choice(CATEGORIES), instance: text() }),
    answer: recommendationListSchema,
    handle: ({ query }, { engine }) => recommendationListView(ofInstance(engine.advisor.active(), query.instance), query),
  }),
];
