import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

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
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The page's files, read and compressed once: only what the build made can be asked for, so no path can lead outside. */
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
      const plain = new Uint8Array(readFileSync(path.join(root, name)));
      this.#files.set(route, {
        plain,
        zipped: new Uint8Array(gzipSync(plain)),
        headers: { 'content-type': type, 'cache-control': caching, vary: 'accept-encoding' },
      });
    }
  }

  /** `undefined` when there is no such file. @param acceptEncoding the request's header of that name */
  answer(pathname: string, acceptEncoding = ''): Response | undefined {
    const file = this.#files.get(pathname === '/' ? '/index.html' : pathname);
    if (file === undefined) return undefined;
    const isZipped = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(acceptEncoding) && file.zipped.length < file.plain.length;
    return isZipped
      ? new Response(file.zipped, { headers: { ...file.headers, 'content-encoding': 'gzip' } })
      : new Response(file.plain, { headers: file.headers });
  }
}
