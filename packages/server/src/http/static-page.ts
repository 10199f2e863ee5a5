import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The page's files, read once: only what the build made can be asked for, so no path can lead outside. */
export class StaticPage {
  readonly #files = new Map<string, StaticFile>();

  /** @param root the build's folder; when it is missing there is no page. */
  constructor(root: string | undefined) {
    if (root === undefined || !existsSync(root)) return;
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const type = TYPES[path.extname(name)];
      if (type === undefined) continue;
      const route = `/${name.split(path.sep).join('/')}`;
      const caching = route.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      this.#files.set(route, {
        bytes: new Uint8Array(readFileSync(path.join(root, name))),
        headers: { 'content-type': type, 'cache-control': caching },
      });
    }
  }

  /** `undefined` when there is no such file. */
  answer(pathname: string): Response | undefined {
    const file = this.#files.get(pathname === '/' ? '/index.html' : pathname);
    return file === undefined ? undefined : new Response(file.bytes, { headers: file.headers });
  }
}
