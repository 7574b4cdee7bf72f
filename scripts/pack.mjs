// Packs the package and that of this platform as they are published, for `npm install`: `npm run pack -- FOLDER`. The addon
// has to be built before.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { packBoth } from './tarballs.mjs';

const [given = 'packed', ...others] = process.argv.slice(2);
if (others.length > 0 || given.startsWith('-')) {
  console.error('Usage: npm run pack -- [FOLDER]\n\nPacks into FOLDER, or into packed.');
  process.exit(2);
}

const folder = resolve(given);
const work = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-pack-'));
try {
  const { main, addon } = packBoth(work);
  mkdirSync(folder, { recursive: true });
  const packed = [main, addon].map(({ filename, path }) => {
    const place = join(folder, filename);
    copyFileSync(path, place);
    return place;
  });
  console.log(`npm install ${packed.join(' ')}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
