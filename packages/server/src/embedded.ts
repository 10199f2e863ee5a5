/** The worker thread's entry in a watched process that asked for the API: engine, API and page beside the application's own thread. */
import { runEngineWorker } from '@bellwether/monitor/engine';
import { serveEngine } from './serve-engine.ts';

await runEngineWorker(async (engine, config, log) => {
  const { host = '127.0.0.1', port = 8000, token } = config.api ?? {};
  const served = await serveEngine(engine, { host, port, dataDir: config.dataDir, token, log });
  return { url: served.url, notices: served.tokenNotice === undefined ? [] : [served.tokenNotice], close: () => served.close() };
});
