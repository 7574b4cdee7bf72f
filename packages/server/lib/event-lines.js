// Events as lines of JSON text, each of which has its position as the last key and ends with a line feed: as a log gives
// them, and as they are sent. Nobody parses them here.

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;

/** What a reader has given, as lines: lines as they are, or an event that is an object. */
export function linesOf(given) {
  return given instanceof Uint8Array ? given : Buffer.from(`${JSON.stringify(given)}\n`);
}

/** The position of the event whose text ends with the byte before `end`, a brace. */
function positionBefore(bytes, end) {
  let position = 0;
  for (let at = end - 2, unit = 1; ; at -= 1, unit *= 10) {
    const digit = bytes[at] - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return position;
    position += digit * unit;
  }
}

/** The lines of positions up to that one, of lines whose positions ascend. */
export function linesUpTo(lines, position) {
  let end = lines.length;
  while (end > 0 && positionBefore(lines, end - 1) > position) {
    end = end < 2 ? 0 : lines.lastIndexOf(LINE_FEED, end - 2) + 1;
  }
  return lines.subarray(0, end);
}

/** The first lines: so many, or those up to so many bytes together, whichever is less, but at least one. */
export function firstLines(lines, countMax, bytesMax) {
  let count = 0;
  let end = 0;
  do {
    end = lines.indexOf(LINE_FEED, end) + 1;
    count += 1;
  } while (end < lines.length && count < countMax && end < bytesMax);
  return { count, end };
}

/** The text of each event by itself, with its position. */
export function* eachEvent(lines) {
  for (let start = 0; start < lines.length;) {
    const end = lines.indexOf(LINE_FEED, start);
    yield { text: lines.subarray(start, end), position: positionBefore(lines, end) };
    start = end + 1;
  }
}

/** The elements of an array of all events, as JSON text. */
export function elementsOf(lines) {
  const elements = Buffer.from(lines);
  for (let at = elements.indexOf(LINE_FEED); at !== -1; at = elements.indexOf(LINE_FEED, at + 1)) {
    elements[at] = COMMA;
  }
  return elements.subarray(0, -1);
}
