// Brings a fresh clone to where its programs run: the packages of the lock file are installed, and
// the addon and the viewer are built. Each is skipped, or quick, when nothing has changed.
//
//     node scripts/setup.mjs [--packages-only]

import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { root, runNode } from './command.mjs';
import { checkTools, installPackages } from './tools.mjs';

const { values } = parseArgs({ options: { 'packages-only': { type: 'boolean', default: false } } });

checkTools();
installPackages();
if (!values['packages-only']) {
  runNode([join(root, 'scripts', 'build.mjs')]);
  runNode([join(root, 'packages', 'server', 'viewer', 'build.mjs'), '--if-changed']);
}
