const Redis = require('ioredis');

async function main() {
  const { serve } = await import('./served.mjs');
  const client = new Redis.Redis(process.argv[2]);
  serve(async () => {
    await client.set('session:ada', 'secret');
    await client.get('session:ada');
    await client.blpop('nothing-here', 0.01);
    await client.lpush('session:ada', 'x').catch(() => {});
  });
}
void main();
