const { createServer } = require('node:http');
const path = require('node:path');
const next = require('next');

async function main() {
  const app = next({ dev: false, dir: path.join(__dirname, '..', 'next-app') });
  await app.prepare();
  const server = createServer(app.getRequestHandler()).listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}
void main();
