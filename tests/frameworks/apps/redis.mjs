import { createClient } from 'redis';
import { serve } from './served.mjs';

const client = await createClient({ url: process.argv[2] }).connect();
serve(async () => {
  await client.set('session:ada', 'secret');
  await client.get('session:ada');
  await client.blPop('nothing-here', 0.01);
  await client.sendCommand(['LPUSH', 'session:ada', 'x']).catch(() => {});
});
