// GitHub's examples of webhook payloads with other people, repositories, ids, hashes, times and texts in each: about
// 10 KB of JSON an event, of which no two are the same. What is the same within an event stays so: a repository's URLs
// have its name.

import { allExamples, deliveries } from './deliveries.mjs';

/** How many people there are, and repositories of each. */
const people = 2000;
const repositoriesOfEach = 4;

const words =
  'able about add after again all api archive backup bad block branch broken build cache call change check close code commit config copy count crash data debug default delay delete deploy disk docs draft empty error event export fail fast field file filter fix flag flaky folder format guard handle header hook import index input issue job join key large lease library limit line link list load lock log loop merge message mode move name node null old open option order output page parse patch path plan pool port price probe queue rare read ready region release remove rename report retry review role room route row rule run scan schema search seed sent shape size slow sort split stable stale start state stop store stream string sync table task team test text thread time token trace tree type unit update upload usage user value version view wait watch wide word work write zero'.split(
    ' ',
  );

/**
 * @param {number} events - How many there are.
 * @returns {Iterable<object>} Events, the same ones in every run.
 */
export function variedWebhooks(events) {
  const examples = allExamples().map(({ eventType, payload }) => ({
    eventType,
    text: JSON.stringify(payload),
  }));
  return deliveries(events, 5_772_157, examples, ({ text }, timestamp, random) =>
    JSON.parse(varied(text, timestamp, random)),
  );
}

/** The JSON text with other values in it. */
function varied(text, timestamp, random) {
  const owner = random(people);
  const names = new Map();
  for (const [, name] of text.matchAll(/"login":"([\w.-]+)"/g)) {
    if (!names.has(name)) names.set(name, personNamed(names.size === 0 ? owner : random(people)));
  }
  for (const [, name] of text.matchAll(/"full_name":"[\w.-]+\/([\w.-]+)"/g)) {
    if (!names.has(name))
      names.set(name, `${words[owner % words.length]}-${random(repositoriesOfEach)}`);
  }
  const numbers = new Map();
  const hashes = new Map();
  const shift = timestamp - Date.UTC(2019, 4, 15, 15);
  return text
    .replace(/[\w.-]+/g, (word) => names.get(word) ?? word)
    .replace(
      /"(title|body|description|message)":"[^"\\]{12,}"/g,
      (_, key) => `"${key}":"${sentence(random)}"`,
    )
    .replace(/"node_id":"[^"]+"/g, () => `"node_id":"${base64(random)}"`)
    .replace(/\b[0-9a-f]{40}\b/g, (hash) => remembered(hashes, hash, () => hex(random, 40)))
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => shifted(time, shift))
    .replace(/\b[1-9]\d{4,14}\b/g, (number) =>
      remembered(numbers, number, () => String(1 + random(9)) + digits(random, number.length - 1)),
    );
}

function personNamed(number) {
  const word = (n) => words[n % words.length];
  return `${word(number * 7)}${word(number * 31 + 5)}${number}`;
}

function sentence(random) {
  return Array.from({ length: 4 + random(20) }, () => words[random(words.length)]).join(' ');
}

function remembered(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

function hex(random, length) {
  return Array.from({ length }, () => random(16).toString(16)).join('');
}

function digits(random, length) {
  return Array.from({ length }, () => random(10)).join('');
}

function base64(random) {
  return Buffer.from(hex(random, 36), 'hex').toString('base64');
}

function shifted(time, by) {
  return `${new Date(Date.parse(time) + by).toISOString().slice(0, 19)}Z`;
}
