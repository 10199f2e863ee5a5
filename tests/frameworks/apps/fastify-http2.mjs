import Fastify from 'fastify';

const app = Fastify({ http2: true });
await app.register(async (shop) => void shop.get('/orders/:order', async () => 'ok'), { prefix: '/shops/:shop' });
app.get('/broken', async () => {
  throw new Error('broken');
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send({ port: app.server.address().port });
