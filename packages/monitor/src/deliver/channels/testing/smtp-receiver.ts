import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { FakeClock } from '../../../base/fake-clock.ts';
import type { Behaviour, ChannelUnderTest } from '../../channel.contract.ts';
import { createTargetGuard } from '../../reach/target-guard.ts';
import { EmailChannel } from '../email.ts';

/** An e-mail channel and a real SMTP server on the loopback. */
export async function openEmail({ requireTls = false }: { readonly requireTls?: boolean } = {}): Promise<ChannelUnderTest> {
  const clock = new FakeClock();
  const received: string[] = [];
  const reached = Promise.withResolvers<void>();
  let behaviour: Behaviour = 'take';
  const fault = (code: number): Error => Object.assign(new Error('told you'), { responseCode: code });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        reached.resolve();
        if (behaviour === 'late') return;
        if (behaviour === 'hangUp') return hangUp();
        if (behaviour === 'fail' || behaviour === 'busy') return done(fault(451));
        if (behaviour === 'refuse') return done(fault(550));
        received.push(Buffer.concat(chunks).toString('utf8'));
        done();
      });
    },
  });
  const hangUp = (): void => {
    for (const connection of server.connections) connection.close();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    clock,
    received,
    channel: new EmailChannel({
      name: 'mail',
      host: '127.0.0.1',
      port,
      secure: false,
      requireTls,
      from: 'Bellwether <bellwether@example.com>',
      to: ['ops@example.com'],
      guard: createTargetGuard(['127.0.0.0/8']),
      clock,
    }),
    reached: () => reached.promise,
    behave: (next) => (behaviour = next),
    async [Symbol.asyncDispose]() {
      hangUp();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
