'use strict';

// What is read for a command: a text from an argument, a file or standard input.

const { readFile } = require('node:fs/promises');

const { invalid } = require('./failure.js');

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of bytes, which are UTF-8. A mark of the byte order, as Windows writes it, is left out. */
function decoded(bytes, place) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalid(`${place}: expected UTF-8, found other bytes`);
  }
}

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The text that an option was given: itself, that of a file with `@FILE`, or that of standard input with `-`. */
async function textOf(place, given) {
  if (given === '-') return decoded(await standardInput(), `${place}: standard input`);
  if (!given.startsWith('@')) return given;
  const path = given.slice(1);
  let bytes;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw invalid(`${place}: cannot read ${path}: ${error.code}`);
  }
  return decoded(bytes, `${place}: ${path}`);
}

/** The text of a file, or that of standard input with `-`. */
function fileText(place, path) {
  return textOf(place, path === '-' ? path : `@${path}`);
}

/** Whether somebody types what is read from a source. */
function isTyped(source) {
  return source === process.stdin && process.stdin.isTTY === true;
}

module.exports = { decoded, fileText, isTyped, textOf };
