// A registry on this machine that has the packed packages, as the registry will have them once they are published: so that
// package managers choose the platform's package as they do for a user. It knows those, what they depend on, and no others.
//
//     node registry.mjs <folder of what was packed> <main tarball> <platform> <platform tarball> [<folder> <tarball>]...
//
// It prints its address once it can be asked.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [staged, mainTarball, builtFor, addonTarball, ...others] = process.argv.slice(2);
const platforms = readdirSync(join(staged, 'npm'));

const packages = new Map();
add(staged, mainTarball);
// Those of other platforms have this one's file: nobody is to take it.
for (const platform of platforms) {
  add(join(staged, 'npm', platform), platform === builtFor ? addonTarball : undefined);
}

for (let at = 0; at < others.length; at += 2) add(others[at], others[at + 1]);

function add(folder, tarball) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const bytes = tarball === undefined ? undefined : readFileSync(tarball);
  packages.set(manifest.name, { manifest, bytes });
}

/** What a package manager is told of a package. */
function description({ manifest, bytes }, origin) {
  const { name, version } = manifest;
  const dist = { tarball: `${origin}/tarballs/${name}` };
  if (bytes !== undefined) {
    dist.shasum = createHash('sha1').update(bytes).digest('hex');
    dist.integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  }
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } };
}

const server = createServer((request, response) => {
  const origin = `http://${request.headers.host}`;
  const [, first, second] = decodeURIComponent(new URL(request.url, origin).pathname).split('/');
  const found = packages.get(first === 'tarballs' ? second : first);
  if (found === undefined || (first === 'tarballs' && found.bytes === undefined)) {
    response.writeHead(404).end('{}');
  } else if (first === 'tarballs') {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.bytes);
  } else {
    const body = JSON.stringify(description(found, origin));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
