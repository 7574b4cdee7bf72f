// Fails when an addon for Linux asks for a newer glibc than the documents promise.
//
//     node scripts/check-glibc.mjs <addon file> …

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { GLIBC_MIN } = createRequire(import.meta.url)('../lib/addon/failure.js');

/** A version as numbers that compare: 2.17 is less than 2.3 as a decimal fraction alone. */
const parts = (version) => version.split('.').map(Number);

function isLater([major, minor], [otherMajor, otherMinor]) {
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('expected the paths of addons, found none');
  process.exit(1);
}
for (const file of files) {
  // The versions of the symbols that a library asks for stand in it as text.
  const text = readFileSync(file, 'latin1');
  const asked = new Set([...text.matchAll(/GLIBC_(\d+\.\d+)/g)].map(([, version]) => version));
  if (asked.size === 0) {
    console.error(`${file}: expected an addon for Linux with glibc, found none of its symbols`);
    process.exit(1);
  }
  const later = [...asked].filter((version) => isLater(parts(version), parts(GLIBC_MIN)));
  if (later.length > 0) {
    console.error(`${file}: expected glibc ${GLIBC_MIN} at most, found ${later.join(', ')}`);
    process.exitCode = 1;
  } else {
    console.log(`${file}: glibc ${GLIBC_MIN} is enough`);
  }
}
