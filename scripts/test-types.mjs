// Compiles the type tests, those of the log and those of each package, with every compiler of `typescript.mjs`.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runNode } from './command.mjs';
import { compilers } from './typescript.mjs';

const own = [[], ['exact'], ['schemas']].map((folder) =>
  join(root, '__test__', 'types', ...folder),
);
const packages = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name, 'test', 'types'))
  .filter((folder) => existsSync(folder));

for (const { version, path } of compilers()) {
  console.log(`TypeScript ${version}`);
  for (const folder of [...own, ...packages]) {
    runNode([path, '--project', join(folder, 'tsconfig.json')]);
  }
}
