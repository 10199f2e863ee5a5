/** An HTTP server with one route that does `work`; tells its port. */
import { createServer } from 'node:http';

export function serve(work) {
  const server = createServer((_request, response) => {
    work().then(
      () => response.end('ok'),
      (error) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
}
