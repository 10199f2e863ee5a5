import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const shop = new Hono().get('/orders/:order', (context) => context.text('ok'));
const app = new Hono()
  .use('*', (_context, next) => next())
  .route('/shops/:shop', shop)
  .get('/broken', () => {
    throw new Error('broken');
  });
app.onError((_error, context) => context.text('broken', 500));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send({ port }));
