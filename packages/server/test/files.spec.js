// Files for browsers: what is served, and what is not.

import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import test from 'ava';
import { serve } from 'codebolt-eventlog-server';

import { openLog, serveLog, start, temporaryFolder } from './support/server.js';

/** A folder with a page, and a file beside it that is none of it. */
async function folderWithPage(t) {
  const folder = join(await temporaryFolder(t), 'site');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>log</title>');
  await writeFile(join(folder, 'assets', 'app.js'), 'export {};');
  await writeFile(join(folder, 'assets', 'ä b.svg'), '<svg/>');
  await writeFile(join(folder, '..', 'secret.txt'), 'secret');
  return folder;
}

/** Gets a path as it is, which `fetch` would tidy. */
function get(url, path) {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const sent = request({ host: '127.0.0.1', port, path }, async (response) => {
      resolve({ status: response.statusCode, body: await text(response) });
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('a page and its files are served with their types and a strict policy', async (t) => {
  const { url } = await start(t, { viewer: await folderWithPage(t) });
  for (const [path, type, body] of [
    ['', 'text/html; charset=utf-8', '<!doctype html><title>log</title>'],
    ['index.html', 'text/html; charset=utf-8', '<!doctype html><title>log</title>'],
    ['assets/app.js', 'text/javascript; charset=utf-8', 'export {};'],
    ['assets/%C3%A4%20b.svg', 'image/svg+xml', '<svg/>'],
  ]) {
    const response = await fetch(`${url}${path}`);
    t.is(response.status, 200, path);
    t.is(response.headers.get('content-type'), type);
    t.is(await response.text(), body);
    const policy = response.headers.get('content-security-policy').split('; ');
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
    ]) {
      t.true(policy.includes(part), part);
    }
    t.false(policy.some((part) => /unsafe|\*/.test(part)));
    t.is(response.headers.get('x-content-type-options'), 'nosniff');
    const tag = response.headers.get('etag');
    const again = await fetch(`${url}${path}`, { headers: { 'If-None-Match': tag } });
    t.is(again.status, 304);
    t.is((await fetch(`${url}${path}`, { method: 'HEAD' })).headers.get('content-type'), type);
  }
});

test('nothing outside of the folder is served, however its path is written', async (t) => {
  const { url } = await start(t, { viewer: await folderWithPage(t) });
  for (const path of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/assets',
    '/assets/',
    '/index.html/',
    '/%00',
  ]) {
    const { status, body } = await get(url, path);
    t.is(status, 404, path);
    t.notRegex(body, /^secret$/);
  }
});

test('without a viewer there is a plain text, and a folder without a page is refused', async (t) => {
  const { url } = await start(t, { viewer: false });
  const response = await fetch(url);
  t.is(response.headers.get('content-type'), 'text/plain; charset=utf-8');
  t.regex(await response.text(), /openapi\.json/);
  const log = await openLog(t);
  const empty = await temporaryFolder(t);
  const { code, message } = await t.throwsAsync(serve(log, { viewer: empty, port: 0 }));
  t.is(code, 'INVALID_ARGUMENT');
  t.regex(message, /index\.html/);
  await t.notThrowsAsync(serveLog(t, log));
});
