import { MongoClient } from 'mongodb';
import { serve } from './served.mjs';

const client = await new MongoClient(process.argv[2]).connect();
const orders = client.db('shop').collection('orders');
serve(async () => {
  await orders.insertOne({ customer: 'ada@example.com' });
  await orders.find({ customer: 'ada@example.com', age: { $gt: 30 } }).toArray();
  await orders.updateMany({ 'items.4711.state': 'open' }, { $set: { state: 'done' } });
  await orders.deleteMany({ broken: true }).catch(() => {});
});
