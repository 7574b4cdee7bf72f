// The files of the viewer: read once, and served from memory. A path leads only to what was read.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Failure } from '../failures.js';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The viewer of this package. It is not there in a repository where it was not built yet. */
const OWN = fileURLToPath(new URL('../../viewer/dist/', import.meta.url));

/** Scripts, styles and connections of this server alone. No page may frame it, and no text may become markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The page without a viewer. */
const PLAIN = `This is codebolt-eventlog-server.

POST /eventlog/<method>   a method of the log, with its parameters as JSON
GET  /eventlog/subscribe  events as server-sent events, or as a WebSocket
GET  /openapi.json        a description of all of them
GET  /metrics             counters for Prometheus
GET  /healthz             whether the log answers
`;

/** What browsers see. */
export class Viewer {
  #files = new Map([['/', { type: TYPES['.txt'], body: Buffer.from(PLAIN) }]]);

  /**
   * @param {string | false} [given] - The folder with the files. `index.html` is the page at `/`. By default it is that
   *   of this package. With `false` there is a plain text.
   * @throws {Failure} `INVALID_ARGUMENT` if it cannot be read, or has no `index.html`.
   */
  constructor(given) {
    const folder = given ?? (existsSync(join(OWN, 'index.html')) && OWN);
    if (folder === false) return;
    try {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) this.#add(folder, join(entry.parentPath ?? entry.path, entry.name));
      }
    } catch (error) {
      throw new Failure(
        'INVALID_ARGUMENT',
        `viewer: expected a folder that can be read: ${error.message}`,
      );
    }
    const index = this.#files.get('/index.html');
    if (index === undefined) {
      throw new Failure('INVALID_ARGUMENT', 'viewer: expected a folder with an index.html');
    }
    this.#files.set('/', index);
  }

  /** Whether there is a file at a path. */
  has(path) {
    return this.#files.has(path);
  }

  /** Answers with the file at a path. */
  answer(request, response, path) {
    const { type, body, tag } = this.#files.get(path);
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    if (tag !== undefined) {
      response.setHeader('ETag', tag);
      response.setHeader('Cache-Control', 'private, no-cache');
      if (request.headers['if-none-match'] === tag) {
        response.writeHead(304).end();
        return;
      }
    }
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
    response.end(body);
  }

  #add(folder, file) {
    const body = readFileSync(file);
    const path = file.slice(join(folder, sep).length).split(sep).map(encodeURIComponent).join('/');
    const type = TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream';
    const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    this.#files.set(`/${path}`, { type, body, tag });
  }
}
