// What is seen, as an address: everything of it is after the `#`, so that it is in no server's log.

import { EVERYTHING, filterText, parseFilter } from '../filter/tree.js';

/** What can be looked at of an instance. */
export const PANELS = ['events', 'streams', 'charts', 'consumers'];

/**
 * @typedef {object} View
 * @property {string} [instance] - The instance.
 * @property {string} panel - What is looked at of it.
 * @property {string} [stream] - Only this stream.
 * @property {object} filter - Only events that it holds for.
 * @property {number} [from] - Only events from this time on, in milliseconds since 1970.
 * @property {number} [until] - Only events before this time.
 * @property {number} [event] - The position of the event that is open.
 * @property {string} [number] - The field whose percentiles are drawn.
 * @property {string} [top] - The field whose most frequent values are shown.
 * @property {string} [fault] - What could not be understood of the address.
 */

const TEXTS = ['stream', 'number', 'top'];
const NUMBERS = ['from', 'until', 'event'];

/** The view of an address's part after the `#`. What is wrong with it is its `fault`. */
export function parseAddress(hash) {
  const [path, search = ''] = hash.replace(/^#/, '').split('?', 2);
  const [, instance, panel] = path.split('/').map(decoded);
  const query = new URLSearchParams(search);
  const view = {
    instance: instance === '' ? undefined : instance,
    panel: PANELS.includes(panel) ? panel : 'events',
    filter: EVERYTHING,
  };
  for (const name of TEXTS) {
    const text = query.get(name);
    if (text) view[name] = text;
  }
  for (const name of NUMBERS) {
    if (query.has(name)) view[name] = wholeNumber(query.get(name));
  }
  try {
    if (query.has('filter')) view.filter = parseFilter(query.get('filter'));
  } catch (error) {
    view.fault = error.message;
  }
  return view;
}

/** The part of an address after the `#` that shows a view. */
export function formatAddress(view) {
  if (view.instance === undefined) return '#/';
  const query = new URLSearchParams();
  for (const name of [...TEXTS, ...NUMBERS]) {
    if (view[name] !== undefined) query.set(name, String(view[name]));
  }
  if (view.filter.items.length > 0) query.set('filter', filterText(view.filter));
  const search = query.toString();
  const path = `#/${encodeURIComponent(view.instance)}/${view.panel}`;
  return search === '' ? path : `${path}?${search}`;
}

function wholeNumber(text) {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
