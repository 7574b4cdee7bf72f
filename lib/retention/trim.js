'use strict';

// The oldest events of an instance, which are to go: they are measured page by page, archived if that is asked for, and
// trimmed at once.

const { EventLogError, Refusal, describe, invalid, reason, told } = require('../failure.js');
const { givenOf, unknownOption } = require('../given.js');
const { pathText } = require('../opening.js');
const { optionsOf } = require('../options.js');
const { abortion, isAborted } = require('../signal.js');
const { grow } = require('../tree/checkpoint.js');
const { bySignal, unlessEnded } = require('../wait.js');
const { refusal } = require('../wire/calls.js');
const { Archive } = require('./archive.js');
const { DISK } = require('./disk.js');

const OPTIONS = ['instance', 'beforePosition', 'force', 'archive', 'signal'];

const ARCHIVE_OPTIONS = ['path'];

/**
 * Trims an instance. `measure(options)` measures a page of what is to go, and `store(options, until)` has all of it be out,
 * unless the wait for its turn is ended before. Its tree, if it has one, goes as far as that before, by `hash` and
 * `storeTree`, as a checkpoint calls them. All give the response. `exportOf(options, range)` is an export of a range.
 */
async function trim(type, log, options, disk = DISK) {
  try {
    const { signal, archive, ...asked } = optionsOf(options, OPTIONS);
    const folder = archive === undefined ? undefined : folderOf(archive);
    const trimmed = await trimBefore(log, asked, { folder, signal, disk });
    return trimmed === undefined ? refusal(type, abortion(signal, 'trim')) : { ...trimmed, type };
  } catch (error) {
    return refusal(type, told(error));
  }
}

/**
 * Trims an instance as `asked` says: it has `number` and `retention` of the instance as well if the trim is made for its
 * retention. What is in the way is thrown, or is the response. `undefined` once the signal was aborted; with `isSuperseded` as
 * its data if the retention is another one by now.
 *
 * @param {any} log - What it is made with: see `trim`.
 * @param {any} asked - What is to go.
 * @param {{ folder?: string, signal?: AbortSignal, disk?: object }} how - Where it is archived, what calls it off, and what
 *   files are on.
 */
async function trimBefore(log, asked, { folder, signal, disk = DISK }) {
  while (!isAborted(signal)) {
    const measured = await measureAll(log.measure, asked, signal);
    if (measured === undefined) break;
    if (!measured.success || measured.data.isSuperseded) return measured;
    const { instanceId, createdAt, first, isUnhashed, hashTo } = measured.data;
    const last = asked.beforePosition - 1;
    if (isUnhashed) {
      const hashed = await growTo(log, asked.instance, hashTo, signal);
      if (hashed === undefined) break;
      if (!hashed.success) return hashed;
    }
    if (folder !== undefined && first <= last) {
      const lines = (from, to) =>
        log.exportOf({ instance: instanceId, signal }, { first: from, last: to });
      await archiveIt(
        new Archive(disk, folder, { id: instanceId, createdAt }),
        [first, last],
        lines,
      );
      if (isAborted(signal)) break;
    }
    const stored = await storeIt(log.store, asked, measured.data, signal);
    if (!stored.success || stored.data.isSuperseded) return stored;
    // Somebody else has trimmed it in the meantime, or has made the tree.
    if (!stored.data.stored) continue;
    const { firstPosition, events, bytes } = stored.data;
    return { ...stored, data: { firstPosition, events, bytes } };
  }
  return undefined;
}

/** Has the events between two positions in an archive. */
async function archiveIt(archive, [first, last], lines) {
  let unlock;
  try {
    unlock = await archive.lock();
    if (unlock === undefined) {
      const text = `archive: ${archive.home} is in use by another process or call; nothing was trimmed`;
      throw new Refusal('LOCKED', text);
    }
    await archive.open();
    await archive.add(first, last, lines);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof EventLogError) throw new Refusal(error.code, error.message);
    throw new Refusal('STORAGE_FAILED', `archive: ${reason(error)}; nothing was trimmed`);
  } finally {
    unlock?.();
  }
}

/** The folder of an archive. */
function folderOf(archive) {
  if (typeof archive !== 'object' || archive === null) {
    throw invalid(`archive: expected { path }, found ${describe(archive)}`);
  }
  const given = givenOf(archive);
  const unknown = Object.keys(given).find((key) => !ARCHIVE_OPTIONS.includes(key));
  if (unknown !== undefined) throw unknownOption(unknown, ARCHIVE_OPTIONS, 'archive');
  const path = pathText(given.path, 'archive.path');
  if (typeof path === 'string' && path !== '') return path;
  throw invalid(`archive.path: expected a path or a file: URL, found ${describe(given.path)}`);
}

function storeIt(store, asked, { number, erasures, first, out, bytes }, signal) {
  return storing(store, { ...asked, number, erasures, first, out, bytes }, signal);
}

/** What `store` answers, unless the signal ends the wait for its turn before. */
function storing(store, given, signal) {
  const until = bySignal(signal, 'trim');
  // It may wait for another process.
  return unlessEnded(store(given, until), until);
}

/** Has the tree of an instance, if it has one, grow up to a position. Returns the response; `undefined` once it was aborted. */
function growTo(log, instance, last, signal) {
  return grow({ hash: log.hash, store: log.storeTree }, instance, signal, last);
}

/** The response to the last page, with the bytes of all of them. `undefined` once the signal was aborted. */
async function measureAll(measure, asked, signal) {
  let bytes = 0;
  let begun;
  let from;
  while (!isAborted(signal)) {
    const measured = await measure({ ...asked, from });
    if (!measured.success) return measured;
    const { data } = measured;
    if (data.isSuperseded) return measured;
    begun ??= data;
    if (['first', 'out', 'number', 'erasures'].some((key) => data[key] !== begun[key])) {
      [bytes, begun, from] = [0, undefined, undefined];
      continue;
    }
    bytes += data.bytes;
    if (data.next === null) return { ...measured, data: { ...data, bytes } };
    from = data.next;
  }
  return undefined;
}

module.exports = { archiveIt, folderOf, growTo, storing, trim, trimBefore };
