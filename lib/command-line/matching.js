'use strict';

// The events of a query one after the other, in bounded memory however many they are.

const { dataOf } = require('./failure.js');
const { streamCondition } = require('./filters.js');

/** A result of so many events comes at once, with what the log says of it. */
const AT_ONCE = 1000;

/** So many positions are looked at for a page of selected fields, and as few where their events are large. */
const WINDOW_MAX = 16_384;

/** Whether a part of a query is there. */
const isGiven = (part) => part !== undefined && part !== null;

/** Whether an object has keys of those alone. */
const hasOnly = (object, keys) => Object.keys(object).every((key) => keys.includes(key));

/** Whether the order of a query is that in which readers give events, forwards or backwards. */
function isByPosition(orderBy) {
  if (!isGiven(orderBy)) return true;
  const directions = [undefined, null, 'asc', 'desc'];
  return (
    orderBy.field === 'position' &&
    directions.includes(orderBy.direction) &&
    hasOnly(orderBy, ['field', 'direction'])
  );
}

function isFrom(from) {
  const { instance, stream } = from ?? {};
  const isNamed = typeof instance === 'string' && (!isGiven(stream) || typeof stream === 'string');
  return isNamed && hasOnly(from, ['instance', 'stream']);
}

/**
 * Whether the events of a query can come one after the other. A query with something that is not as it should be cannot:
 * the log says what that is.
 */
function canStream({ from, where, select, orderBy, limit, offset, reduce, explain, ...unknown }) {
  const isMany = !isGiven(limit) || (Number.isSafeInteger(limit) && limit > AT_ONCE);
  const isSkipping = !isGiven(offset) || (Number.isSafeInteger(offset) && offset >= 0);
  const areLists = [where, select].every((part) => !isGiven(part) || Array.isArray(part));
  const isComputed = isGiven(reduce) || (isGiven(explain) && explain !== false);
  const isKnown = Object.keys(unknown).length === 0;
  return (
    isKnown &&
    isFrom(from) &&
    isByPosition(orderBy) &&
    isMany &&
    isSkipping &&
    areLists &&
    !isComputed
  );
}

/** The events of a query for which `canStream` holds. */
function matching(log, query, signal) {
  return isGiven(query.select) ? selected(log, query, signal) : whole(log, query, signal);
}

async function* whole(log, { from, where, orderBy, limit, offset }, signal) {
  const conditions = [...streamCondition(from.stream ?? undefined), ...(where ?? [])];
  const direction = orderBy?.direction === 'desc' ? 'backward' : 'forward';
  const skip = offset ?? 0;
  const count = limit === undefined || limit === null ? undefined : limit + skip;
  const { instance } = from;
  const reader = log.readAll({ instance, where: conditions, direction, limit: count, signal });
  let seen = 0;
  for await (const event of reader) {
    if (seen >= skip) yield event;
    seen += 1;
  }
}

/** The windows of positions from 1 to `end`, in one direction or the other. `size` may change on the way. */
function* windows(end, isBackward, size) {
  let done = 0;
  while (done < end) {
    const width = Math.min(size.positions, end - done);
    const first = isBackward ? end - done - width + 1 : done + 1;
    const isTaken = yield [first, first + width - 1];
    if (isTaken) done += width;
  }
}

/**
 * The fields that a query selects. A query for all of them would hold all of them: each one here is of a window of
 * positions, and all windows together of the state of the instance at the beginning.
 */
async function* selected(log, { from, where, select, orderBy, limit, offset }, signal) {
  // By its id, so that no other instance takes the place of one that is deleted.
  const { instanceId, eventCount } = dataOf(await log.getInstanceStats(from.instance));
  const size = { positions: WINDOW_MAX };
  const found = windows(eventCount, orderBy?.direction === 'desc', size);
  let skip = offset ?? 0;
  let left = limit ?? Infinity;
  let window = found.next();
  while (!window.done && left > 0) {
    const between = { field: 'position', operator: 'between', value: window.value };
    const query = { from: { ...from, instance: instanceId }, where: [...(where ?? []), between] };
    const response = await log.queryEvents({ ...query, select, orderBy }, { signal });
    if (response.code === 'LIMIT_EXCEEDED' && size.positions > 1) {
      size.positions = Math.ceil(size.positions / 8);
      window = found.next(false);
      continue;
    }
    const { events } = dataOf(response).result;
    const page = events.slice(skip, skip + left);
    skip -= Math.min(skip, events.length);
    left -= page.length;
    yield* page;
    window = found.next(true);
  }
}

module.exports = { canStream, matching };
