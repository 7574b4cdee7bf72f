export { serveHttp } from './lib/http/index.js';
export { serveStdio } from './lib/stdio.js';
