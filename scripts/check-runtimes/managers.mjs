// The checks of package managers, and of installs that leave the addon out.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { manifest } from '../tarballs.mjs';
import { execute, expectPart } from './place.mjs';
import { PASSED, nodeIn } from './runtimes.mjs';

function writeManifest(cwd, more = {}) {
  const content = {
    name: 'app',
    private: true,
    dependencies: { [manifest.name]: manifest.version },
    ...more,
  };
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(content));
}

export const managers = [
  {
    name: 'npm --omit=optional',
    quick: true,
    run(place) {
      const cwd = place.app('--omit=optional');
      const node = nodeIn(place, '24');
      const said = execute(node, ['esm.mjs'], { cwd, fails: true });
      const name = `${manifest.name}-${place.platform}`;
      expectPart(said, `expected the package ${name}, found none: the install left it out`);
      expectPart(said, `npm install ${name}@${manifest.version} adds it`);
      // As it says:
      place.add(cwd, '--omit=optional', `${name}@${manifest.version}`);
      expectPart(execute(node, ['esm.mjs'], { cwd }), PASSED);
    },
  },
  {
    name: 'npm, from another platform',
    quick: true,
    run(place) {
      const cwd = place.app('--os=darwin', '--cpu=arm64', '--omit=optional');
      const other = `${manifest.name}-darwin-arm64`;
      place.addEmpty(cwd, other);
      const said = execute(nodeIn(place, '24'), ['esm.mjs'], { cwd, fails: true });
      expectPart(
        said,
        'found that of darwin-arm64: node_modules was installed for another platform',
      );
    },
  },
  {
    name: 'pnpm',
    run(place) {
      const cwd = place.folder();
      writeManifest(cwd);
      const node = nodeIn(place, '26');
      const pnpm = join(place.tools('all'), 'node_modules/pnpm/bin/pnpm.mjs');
      const flags = ['--registry', place.address, '--store-dir', join(cwd, 'store')];
      execute(node, [pnpm, 'install', ...flags], { cwd });
      for (const file of ['esm.mjs', 'commonjs.cjs']) {
        expectPart(execute(nodeIn(place, '24'), [file], { cwd }), PASSED);
      }
      // A bundle sees the package, and the package its addon.
      const esbuild = join(place.tools('quick'), 'node_modules/@esbuild/linux-x64/bin/esbuild');
      const flagsOfBundle = [
        '--bundle',
        '--platform=node',
        '--format=esm',
        '--outfile=out/esm.mjs',
      ];
      execute(esbuild, ['esm.mjs', ...flagsOfBundle], { cwd });
      expectPart(execute(nodeIn(place, '24'), ['out/esm.mjs'], { cwd }), PASSED);
    },
  },
  {
    name: 'Yarn, with Plug and Play',
    run(place) {
      const cwd = place.folder();
      writeManifest(cwd);
      writeFileSync(join(cwd, 'yarn.lock'), '');
      const env = {
        YARN_NPM_REGISTRY_SERVER: place.address.replace(/\/$/, ''),
        YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
        YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
        YARN_ENABLE_TELEMETRY: 'false',
        // For programs that are ES modules, whatever they import.
        YARN_PNP_ENABLE_ESM_LOADER: 'true',
        // It takes nothing that was published today.
        YARN_NPM_MINIMAL_AGE_GATE: '0',
        YARN_GLOBAL_FOLDER: join(cwd, 'yarn'),
      };
      const node = nodeIn(place, '24');
      const yarn = join(place.tools('all'), 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
      execute(node, [yarn, 'install'], { cwd, env });
      for (const file of ['esm.mjs', 'commonjs.cjs']) {
        expectPart(execute(node, [yarn, 'node', file], { cwd, env }), PASSED);
      }
      rmSync(join(cwd, 'yarn'), { recursive: true });
    },
  },
];
