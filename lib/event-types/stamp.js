'use strict';

// The versions of payloads in the metadata of events that are appended.

const { JSON } = require('../intrinsics.js');
const { elementsAt, membersAt } = require('./json-places.js');
const { VERSION_KEY } = require('./upcasting.js');

/**
 * The JSON `text` of the arguments of an append with versions in metadata: `versions` has that of each event, or `undefined`
 * for one that stays as it is, as one whose metadata have a version does. `appends` says whether the call is of one event or has an array of them.
 */
function stamped(text, appends, versions) {
  const [{ start, end }] = elementsAt(text, 0);
  const places =
    appends === 'one'
      ? [{ start, end }]
      : elementsAt(text, membersAt(text, start).get('events')?.start);
  let result = '';
  let at = 0;
  for (const [index, version] of versions.entries()) {
    if (version === undefined) continue;
    const { from, to, put } = change(
      text,
      places[index],
      `${JSON.stringify(VERSION_KEY)}:${version}`,
    );
    result += text.slice(at, from) + put;
    at = to;
  }
  return result + text.slice(at);
}

/** What is put in the place of what for one event, whose text has that place. */
function change(text, event, member) {
  const metadata = membersAt(text, event.start).get('metadata');
  // An event has its type at least.
  const last = event.end - 1;
  if (metadata === undefined) return { from: last, to: last, put: `,"metadata":{${member}}` };
  const { start, end } = metadata;
  if (text.slice(start, end) === 'null') return { from: start, to: end, put: `{${member}}` };
  const comma = end - start > 2 ? ',' : '';
  return { from: end - 1, to: end - 1, put: comma + member };
}

module.exports = { stamped };
