// Every `js` block of the README and of docs/ runs as it is written. Where a `text` block follows
// directly, or after a paragraph that ends in "It prints:", that is what the program prints.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { runFile } from './support/child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const BLOCK = /^```(\w*)\n([\s\S]*?)^```$/gm;
const DIRECTLY = /^\s*(?:(?:.+\n)*.*It prints:\s*)?$/;

/** The `js` blocks of a page, each with the line that it starts on and what it prints. */
function programs(text) {
  const found = [];
  let end = 0;
  let program;
  for (const match of text.matchAll(BLOCK)) {
    const [whole, language, source] = match;
    const follows = DIRECTLY.test(text.slice(end, match.index));
    if (program && language === 'text' && follows) program.prints = source;
    program = undefined;
    if (language === 'js') {
      program = { source, line: text.slice(0, match.index).split('\n').length };
      found.push(program);
    }
    end = match.index + whole.length;
  }
  return found;
}

/** Makes an empty folder within the repository, where the package finds itself by its name. */
async function folderInPackage(t) {
  const scratch = join(root, '.scratch');
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'docs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

// ava wants tests to be declared without waiting.
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');

  for (const { source, line, prints } of programs(text)) {
    test.serial(`${page}:${line} runs as it is written`, async (t) => {
      const folder = await folderInPackage(t);
      const isCommonJs = /\brequire\(/.test(source);
      const file = join(folder, isCommonJs ? 'program.cjs' : 'program.mjs');
      await writeFile(file, source);
      const env = { CODEBOLT_EVENTLOG_PATH: join(folder, 'log.redb') };
      const ended = await runFile(t, file, { cwd: folder, env });
      t.is(ended.stderr, '');
      t.is(ended.code, 0);
      if (prints !== undefined) t.is(ended.stdout, prints);
    });
  }

  test(`${page} links to files and headings that are there`, (t) => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    const broken = targets.filter((target) => !/^https?:/.test(target) && !isThere(page, target));
    t.deepEqual(broken, []);
  });
}

/** Whether `target`, a link of `page`, leads to a file, and to a heading in it where it names one. */
function isThere(page, target) {
  const [path, anchor] = target.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor);
}

/** The anchors that GitHub gives to a page's headings. */
function anchors(text) {
  const headings = [...text.replaceAll(BLOCK, '').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the README has a program by line 20', (t) => {
  const [first] = programs(readFileSync(join(root, 'README.md'), 'utf8'));
  t.true(first.line <= 20);
});
