'use strict';

// The first events of a stream, which are to go: they are looked for and measured page by page, archived if that is asked for,
// and trimmed at once.

const { told } = require('../failure.js');
const { optionsOf } = require('../options.js');
const { abortion, isAborted } = require('../signal.js');
const { refusal } = require('../wire/calls.js');
const { Archive } = require('./archive.js');
const { DISK } = require('./disk.js');
const { archiveIt, folderOf, growTo, storing } = require('./trim.js');

const OPTIONS = ['instance', 'stream', 'beforeSequence', 'force', 'archive', 'signal'];

/** What is the same in each page of what goes, unless somebody else has trimmed meanwhile. */
const SAME = ['number', 'erasures', 'first', 'horizon', 'own'];

/**
 * Trims a stream. `log` has what `trim` has, and `measureStream(options)` and `storeStream(options, until)`, which do for the
 * events of a stream what `measure` and `store` do for those of an instance.
 */
async function trimStream(type, log, options, disk = DISK) {
  try {
    const { signal, archive, ...asked } = optionsOf(options, OPTIONS);
    const folder = archive === undefined ? undefined : folderOf(archive);
    const trimmed = await trimStreamBefore(log, asked, { folder, signal, disk });
    if (trimmed === undefined) return refusal(type, abortion(signal, 'trim'));
    if (!trimmed.success) return { ...trimmed, type };
    const { firstSequence, events, bytes } = trimmed.data;
    return { ...trimmed, type, data: { firstSequence, events, bytes } };
  } catch (error) {
    return refusal(type, told(error));
  }
}

/**
 * Trims a stream as `asked` says: it has `number` and `retention` of the instance as well if the trim is made for its
 * retention. What is in the way is thrown, or is the response. `undefined` once the signal was aborted; with `isSuperseded` as
 * its data if the retention is another one by now.
 *
 * @param {any} log - What it is made with: see `trimStream`.
 * @param {any} asked - What is to go.
 * @param {{ folder?: string, signal?: AbortSignal, disk?: object }} how - Where it is archived, what calls it off, and what
 *   files are on.
 */
async function trimStreamBefore(log, asked, { folder, signal, disk = DISK }) {
  while (!isAborted(signal)) {
    const measured = await measureAll(log.measureStream, asked, signal);
    if (measured === undefined) break;
    if (!measured.success || measured.data.isSuperseded) return measured;
    const { isUnhashed, hashTo, first, positions } = measured.data;
    if (isUnhashed) {
      const hashed = await growTo(log, asked.instance, hashTo, signal);
      if (hashed === undefined) break;
      if (!hashed.success) return hashed;
    }
    if (folder !== undefined && positions.length > 0) {
      const { instanceId: id, createdAt } = measured.data;
      const { stream } = asked;
      const lines = (from, to) => {
        const places = positions.slice(from - first, to - first + 1);
        const range = { first: from, last: to, stream, positions: places };
        return log.exportOf({ instance: id, signal }, range);
      };
      const last = first + positions.length - 1;
      await archiveIt(new Archive(disk, folder, { id, createdAt, stream }), [first, last], lines);
      if (isAborted(signal)) break;
    }
    const { number, erasures, horizon, own, bytes } = measured.data;
    const given = { ...asked, number, erasures, first, horizon, own, positions, bytes };
    const stored = await storing(log.storeStream, given, signal);
    if (!stored.success || stored.data.isSuperseded) return stored;
    // Otherwise somebody else has trimmed it in the meantime, or has made the tree.
    if (stored.data.stored) return stored;
  }
  return undefined;
}

/** The response to the first page, with what all of them have. `undefined` once the signal was aborted. */
async function measureAll(measure, asked, signal) {
  let pages = [];
  let bytes = 0;
  let next;
  while (!isAborted(signal)) {
    const measured = await measure({ ...asked, ...next });
    if (!measured.success) return measured;
    const { data } = measured;
    if (data.isSuperseded) return measured;
    if (pages.length > 0 && SAME.some((key) => data[key] !== pages[0].data[key])) {
      [pages, bytes, next] = [[], 0, undefined];
      continue;
    }
    pages.push(measured);
    bytes += data.bytes;
    if (data.next === null) {
      // They come from the newest one back.
      const positions = pages.flatMap((page) => page.data.positions).reverse();
      return { ...pages[0], data: { ...pages[0].data, positions, bytes } };
    }
    next = data.next;
  }
  return undefined;
}

module.exports = { trimStream, trimStreamBefore };
