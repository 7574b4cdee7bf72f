// Numbers, times and events in words that fit into a line.

/** The language that the page is in, so that numbers and words go together. */
const LANGUAGE = 'en';

const numbers = new Intl.NumberFormat(LANGUAGE);
const measures = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 6 });
const short = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 1 });

/** A whole number with its thousands apart. */
export const numberText = (number) => numbers.format(number);

/** A number that was measured or computed. */
export const measureText = (number) => measures.format(number);

/** A number in few characters. */
export const shortNumber = (number) => short.format(number);

/** A number of things: `1 event`, `2 events`. */
export const countText = (count, noun) => `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`;

/** A time in the person's own zone, to the millisecond: `2026-01-31 12:00:00.000`. */
export function timeText(time) {
  const date = new Date(time);
  return `${dateText(date)} ${clockText(date)}`;
}

export function dateText(time) {
  const date = new Date(time);
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export function clockText(time) {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${clock.map((part) => pad(part)).join(':')}.${pad(date.getMilliseconds(), 3)}`;
}

/** How long ago a time is, roughly. */
export function agoText(time, now = Date.now()) {
  const seconds = Math.max(0, (now - new Date(time).getTime()) / 1000);
  for (const [size, unit] of [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${Math.floor(seconds)} s ago`;
}

/** The members of a payload in one line, cut off where nobody reads on. */
export function summaryOf(value, most = 300) {
  let text = '';
  for (const [key, each] of Object.entries(value)) {
    if (text.length > most) break;
    text += `${text === '' ? '' : '  '}${key}: ${partText(each, most)}`;
  }
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function partText(value, most) {
  if (typeof value === 'string') return value.length > most ? value.slice(0, most) : value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.length}]`;
  const parts = Object.entries(value).slice(0, 6);
  const inner = parts.map(([key, each]) => {
    const isScalar = typeof each !== 'object' || each === null;
    return `${key}: ${isScalar ? String(each).slice(0, 60) : '…'}`;
  });
  return `{${inner.join(', ')}}`;
}

/** Which of the colours a type of event has: always the same. */
export function colourOf(type) {
  let hash = 0;
  for (let n = 0; n < type.length; n += 1) hash = (hash * 31 + type.charCodeAt(n)) | 0;
  return Math.abs(hash) % COLOURS;
}

export const COLOURS = 10;

function pad(number, length = 2) {
  return String(number).padStart(length, '0');
}
