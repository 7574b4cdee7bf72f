// Brings a fresh clone to where the comparison runs. Nothing here needs an installed package.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root, runNode, runNpm } from '../scripts/command.mjs';
import { OptionError } from '../scripts/command-line.mjs';
import { benchFolder } from './folders.mjs';

/** Written after a complete install: an interrupted one is done again. */
const stampPath = join(benchFolder, 'node_modules', '.setup-stamp');

/**
 * Builds the product, where no finished build was named, and installs its rivals.
 *
 * @param {object} options - The options of the run.
 */
export function setUp(options) {
  buildProduct(options);
  installRivals();
}

/**
 * Builds the product, where no finished build was named.
 *
 * @param {object} options - The options of the run.
 */
export function buildProduct({ isBuilt, product, baseline, before }) {
  if (!isBuilt) runNode([join(root, 'scripts', 'setup.mjs')], { stdio: ['ignore', 2, 2] });
  for (const [option, folder] of Object.entries({ product, baseline, before })) {
    if (folder === undefined || existsSync(join(folder, 'index.js'))) continue;
    throw new OptionError(`--${option}: expected a folder with a build, found '${folder}'`);
  }
}

function installRivals() {
  const lock = readFileSync(join(benchFolder, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  // Several packages are programs of a platform, built for one version of Node.js.
  const stamp = `${process.platform}-${process.arch} ${process.versions.modules} ${hash}\n`;
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return;
  console.error(
    'Installing the rivals of bench/package-lock.json (minutes, where they have to be compiled)',
  );
  runNpm(['ci', '--no-audit', '--no-fund'], { cwd: benchFolder, stdio: ['ignore', 2, 2] });
  writeFileSync(stampPath, stamp);
}
