const express = require('express');

const app = express();
const shop = express.Router({ mergeParams: true });
shop.get('/orders/:order', (_request, response) => response.send('ok'));
app.use('/shops/:shop', shop);
app.get('/broken', () => {
  throw new Error('broken');
});
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
