// Compiles the type tests with every compiler of `typescript.mjs`.

import { join } from 'node:path';
import { root, runNode } from './command.mjs';
import { compilers } from './typescript.mjs';

for (const { version, path } of compilers()) {
  console.log(`TypeScript ${version}`);
  for (const folder of [[], ['exact']]) {
    runNode([path, '--project', join(root, '__test__', 'types', ...folder, 'tsconfig.json')]);
  }
}
