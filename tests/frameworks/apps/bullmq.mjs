import { Queue, Worker } from 'bullmq';
import { serve } from './served.mjs';

const url = new URL(process.argv[2]);
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const queue = new Queue('mail', { connection });
new Worker(
  'mail',
  async (job) => {
    if (job.name === 'broken') throw new Error('broken');
    return job.name;
  },
  { connection },
);
serve(async () => {
  await queue.add('welcome', { to: 'ada@example.com' });
  await queue.add('broken', {});
});
