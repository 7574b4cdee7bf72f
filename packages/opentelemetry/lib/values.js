// Values of log records as JSON, and back, and values of programs as those that the SDK keeps.

const MARK = /^\$(?:bigint|double|bytes|map)$/;

/** A value of a log record as JSON. What JSON has not is an object with one key that begins with `$`. */
export function toJson(value) {
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value === 'number' && !isJsonNumber(value)) return { $double: doubleText(value) };
  if (value instanceof Date) return dateText(value);
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map((element) => toJson(element ?? null));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, own]) => [key, toJson(own)]);
  const isMark = entries.length === 1 && MARK.test(entries[0][0]);
  return isMark ? { $map: Object.fromEntries(entries) } : Object.fromEntries(entries);
}

/** Whether `JSON.stringify` writes a number as what it is. */
const isJsonNumber = (value) => Number.isFinite(value) && !Object.is(value, -0);

const doubleText = (value) => (Object.is(value, -0) ? '-0' : String(value));

/** ISO 8601; what `String` makes of a date that is none. */
const dateText = (date) => (Number.isNaN(date.getTime()) ? String(date) : date.toISOString());

/** The value that a JSON value stands for. */
export function fromJson(value) {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[key, own] = []] = entries;
  if (entries.length === 1 && MARK.test(key)) {
    if (key === '$bigint') return BigInt(own);
    if (key === '$double') return Number(own);
    if (key === '$bytes') return new Uint8Array(Buffer.from(own, 'base64'));
    return mapped(Object.entries(own));
  }
  return mapped(entries);
}

const mapped = (entries) => Object.fromEntries(entries.map(([key, own]) => [key, fromJson(own)]));

/**
 * Attributes as the SDK of OpenTelemetry keeps them. It drops a `bigint` and a `Date` without counting them, and an exporter
 * of OTLP writes `null` for what is no number.
 */
export function keptAttributes(attributes) {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, kept(value)]));
}

function kept(value) {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Date) return dateText(value);
  if (Array.isArray(value)) return value.map(kept);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return keptAttributes(value);
}
