// What an HTTP server would log of its requests: about 300 bytes of JSON an event.

import { randomNumbers } from '../../events.mjs';

/** The events are spread over this month, whatever number of them there is. */
const month = { start: Date.UTC(2026, 0, 1), milliseconds: 31 * 24 * 60 * 60 * 1000 };

const methods = ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH'];
const failures = [400, 401, 403, 404, 409, 422, 429, 500, 502, 503];
const regions =
  'eu-north-1 eu-west-1 us-east-1 us-west-2 sa-east-1 ap-east-1 ap-south-1 af-south-1'.split(' ');
const resources =
  'alerts boards builds comments events exports files invoices labels projects queues reports roles searches sessions tasks teams tokens users webhooks'.split(
    ' ',
  );
const verbs = 'archive copy change create list move read remove share watch'.split(' ');
const words =
  'a after answered by cache changed client database fetched for found from handler index job kept limit loaded lock matched missing of on opened page parsed queue queried read replica retried route row saved sent served session slow stored the to token updated upstream waiting was with worker written'.split(
    ' ',
  );

/** A word that nothing else contains; see {@link messageOf}. */
const needle = 'deadlock';

/** The streams beside those of ordinary clients. */
const busyStream = 'gateway';
const smallStream = 'probe';
const smallEvents = 300;

const rareType = 'key.rotated';
const rareUser = 'user-rare';

const streamCount = 10_000;
const userCount = 100_000;

/**
 * @param {number} events - How many events there are: a multiple of 100,000.
 * @returns {object} What can be asked for, and how much of it there is.
 */
export function apiRequestFacts(events) {
  const at = (share) => month.start + Math.floor(month.milliseconds * share);
  return {
    busyStream,
    busyEvents: events / 10,
    smallStream,
    smallEvents,
    rareType,
    rareUser,
    needle,
    /** A hundredth of the time. */
    range: [at(0.4), at(0.41)],
    /** A day, from midnight to midnight. */
    day: [Date.UTC(2026, 0, 14), Date.UTC(2026, 0, 15)],
  };
}

/**
 * @param {number} number - Any whole number from 0.
 * @returns {string} The stream of an ordinary client, which has about a ten-thousandth of the events.
 */
export function ordinaryStream(number) {
  return `client-${number % (streamCount - 2)}`;
}

/**
 * The last digit of an event's place says what it may be, so that what is rare is spread evenly: a
 * tenth of the events is in the busy stream, and one in so many of other tenths has the rare type, is
 * of the rare user, or is in the small stream.
 *
 * @param {number} events - How many there are: a multiple of 100,000.
 * @yields {object} Events, the same ones in every run.
 */
export function* apiRequests(events) {
  const random = randomNumbers(2_718_281);
  const apart = Math.floor((month.milliseconds * 2) / events);
  let time = month.start;
  let small = 0;
  for (let place = 0; place < events; place += 1) {
    const digit = place % 10;
    const ten = Math.floor(place / 10);
    const isRare = digit === 1 && ten % (events / 10_000) === 0;
    const isRareUser = digit === 9 && ten % (events / 200) === 1;
    const isSmall =
      digit === 7 && ten % Math.floor(events / 10 / (smallEvents + 1)) === 0 && small < smallEvents;
    if (isSmall) small += 1;
    const statusCode = random(20) === 0 ? oneOf(failures, random) : 200;
    time += random(apart);
    yield {
      streamId: isSmall ? smallStream : digit === 3 ? busyStream : ordinaryStream(random(1 << 30)),
      eventType: isRare ? rareType : typeOf(statusCode, random),
      timestamp: time,
      payload: {
        method: random(20) === 0 ? 'DELETE' : oneOf(methods, random),
        endpoint: `/api/v1/${oneOf(resources, random)}/${oneOf(verbs, random)}`,
        statusCode,
        responseTime: responseTime(random),
        userId: isRareUser ? rareUser : `user-${random(userCount)}`,
        region: oneOf(regions, random),
        message: messageOf(random),
        items: Array.from({ length: 1 + random(2) }, () => ({
          sku: `S-${random(5000)}`,
          price: random(100_000) / 100,
        })),
      },
      metadata: { source: 'gateway', n: place },
    };
  }
}

function oneOf(list, random) {
  return list[random(list.length)];
}

/** Few are much slower than the others. */
function responseTime(random) {
  const scale = random(50) === 0 ? 3_000_000 : 200_000;
  return random(scale) / 1000;
}

function typeOf(statusCode, random) {
  if (statusCode >= 500) return 'request.failed';
  if (statusCode >= 400) return 'request.refused';
  const dice = random(100);
  if (dice < 70) return 'request.answered';
  return dice < 90 ? 'request.cached' : 'request.retried';
}

/** A sentence of 30 to 80 characters. One in two hundred has the needle in it. */
function messageOf(random) {
  const length = 30 + random(35);
  const sentence = random(200) === 0 ? [oneOf(words, random), needle] : [];
  let characters = sentence.join(' ').length;
  while (characters < length) {
    const word = oneOf(words, random);
    sentence.push(word);
    characters += word.length + 1;
  }
  sentence.push(String(random(100_000)));
  return sentence.join(' ');
}
