/**
 * As much of MongoDB's wire protocol as its driver needs to believe in a server: OP_QUERY for the first greeting, OP_MSG for the rest. There is no package of
 * the real one here, so what the driver does with a server is not tested, only what we see of the driver.
 */
import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type Socket } from 'node:net';

type Document = Record<string, unknown>;
interface Bson {
  readonly Long: { fromNumber(value: number): unknown };
  serialize(document: Document): Uint8Array;
  deserialize(bytes: Uint8Array): Document;
}
const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const GREETING: Document = {
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
  ok: 1,
};

function answerTo({ Long }: Bson, command: Document): Document {
  if ('find' in command)
    return { cursor: { firstBatch: [{ customer: 'x' }, { customer: 'y' }], id: Long.fromNumber(0), ns: 'shop.orders' }, ok: 1 };
  if ('insert' in command) return { n: 1, ok: 1 };
  if ('update' in command) return { n: 3, nModified: 3, ok: 1 };
  if ('delete' in command) return { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not allowed' };
  return 'hello' in command || 'ismaster' in command || 'isMaster' in command ? GREETING : { ok: 1 };
}

export async function startFakeMongodb(): Promise<AsyncDisposable & { readonly url: string }> {
  const bson = createRequire(import.meta.url)('bson') as Bson;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let buffered = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      buffered = Buffer.concat([buffered, chunk]);
      while (buffered.length >= 4 && buffered.length >= buffered.readInt32LE(0)) {
        const length = buffered.readInt32LE(0);
        socket.write(reply(bson, buffered.subarray(0, length)));
        buffered = buffered.subarray(length);
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/?directConnection=true`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function reply(bson: Bson, message: Buffer): Buffer {
  const requestId = message.readInt32LE(4);
  const isQuery = message.readInt32LE(12) === OP_QUERY;
  const command = isQuery
    ? bson.deserialize(message.subarray(message.indexOf(0, HEADER_BYTES + 4) + 9))
    : bson.deserialize(sectionOf(message));
  const document = bson.serialize(answerTo(bson, command));
  // OP_REPLY: flags, cursor id, start, count. OP_MSG: flags, kind of section.
  const prefix = isQuery ? Buffer.alloc(20) : Buffer.alloc(5);
  if (isQuery) prefix.writeInt32LE(1, 16);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + prefix.length + document.length, 0);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12);
  return Buffer.concat([header, prefix, document]);
}

/** The command: the section of kind 0, which may come after sequences of documents (kind 1). */
function sectionOf(message: Buffer): Buffer {
  let at = HEADER_BYTES + 4;
  while (message[at] === 1) at += 1 + message.readInt32LE(at + 1);
  return message.subarray(at + 1, at + 1 + message.readInt32LE(at + 1));
}
