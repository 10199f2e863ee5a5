const Router = require('@koa/router');
const Koa = require('koa');

const app = new Koa();
app.silent = true;
const router = new Router();
router.get('/shops/:shop/orders/:order', (context) => {
  context.body = 'ok';
});
router.get('/broken', () => {
  throw new Error('broken');
});
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
