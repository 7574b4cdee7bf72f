// Programs after the kinds that are documented for the SDK run after a change of their import line, in an empty folder.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { runFile } from './support/child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = new URL('support/programs/', import.meta.url);

const PROGRAM = /^```js\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm;

/** Makes an empty folder within the repository, where the package finds itself by its name. */
async function emptyFolder(t) {
  const scratch = join(root, '.scratch');
  await mkdir(scratch, { recursive: true });
  const made = await mkdtemp(join(scratch, 'programs-'));
  t.teardown(() => rm(made, { recursive: true, force: true, maxRetries: 5 }));
  return made;
}

let count = 0;

for (const page of readdirSync(folder)) {
  const text = readFileSync(new URL(page, folder), 'utf8');
  for (const { 1: source, 2: prints, index } of text.matchAll(PROGRAM)) {
    count += 1;
    const line = text.slice(0, index).split('\n').length;
    test.serial(`${page}:${line} runs with another import line`, async (t) => {
      const cwd = await emptyFolder(t);
      const changed = source.replace("'@codebolt/codeboltjs'", "'codebolt-eventlog'");
      t.not(changed, source);
      const isCommonJs = /\brequire\(/.test(source);
      const file = join(cwd, isCommonJs ? 'program.cjs' : 'program.mjs');
      await writeFile(file, changed);
      const ended = await runFile(t, file, { cwd });
      t.is(ended.stdout, prints);
      t.is(ended.code, 0, ended.stderr);
    });
  }
}

test('every program of the pages was found', (t) => {
  const pages = readdirSync(folder).map((page) => readFileSync(new URL(page, folder), 'utf8'));
  const begun = pages.flatMap((text) => text.match(/^```js$/gm));
  t.is(count, begun.length);
  t.true(count >= 41);
});
