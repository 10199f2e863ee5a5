require('reflect-metadata');
const { Controller, Get, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

class Orders {
  one() {
    return 'ok';
  }
  broken() {
    throw new Error('broken');
  }
}
/** What the decorators do, without a compiler. */
const decorate = (decorator, name) => decorator(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name));
Controller()(Orders);
decorate(Get('shops/:shop/orders/:order'), 'one');
decorate(Get('broken'), 'broken');
class App {}
Module({ controllers: [Orders] })(App);

async function main() {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  process.send({ port: app.getHttpServer().address().port });
}
void main();
