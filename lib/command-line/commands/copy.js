'use strict';

// A log in another one, of whichever engine.

const { dataOf, invalid } = require('../failure.js');
const { openLog } = require('../log.js');
const { withProgress } = require('../progress.js');

const COUNTS = [
  { key: 'instances', title: 'instances', kind: 'count' },
  { key: 'events', title: 'events', kind: 'count' },
  { key: 'skippedInstances', title: 'instances that were there', kind: 'count' },
  { key: 'skippedEvents', title: 'events that were there', kind: 'count' },
];

/** Tells once that the other log has everything, whatever else hears of the progress. */
function tellingOnce(tell, onProgress) {
  let isTold = false;
  return (progress) => {
    onProgress?.(progress);
    if (isTold || progress.done < progress.total) return;
    isTold = true;
    tell(progress);
  };
}

module.exports = {
  summary: 'copies a log into another one, also between a file and PostgreSQL',
  details: [
    'Ids, numbers, positions, times, idempotency keys, consumers and snapshots are kept, and all is compared at the end.',
    'What is there already is skipped, so a copy that was cut off can be run again. TO has to be empty, or the beginning',
    'of FROM; it is made if it is not there. FROM can be in use. With --follow, the copy goes on with what is appended',
    'until Ctrl-C; then it takes what is left, compares that, and ends.',
  ],
  hasLog: false,
  words: ['FROM', 'TO'],
  options: {
    follow: { short: 'f', about: 'go on with what follows, until Ctrl-C' },
  },
  examples: [
    ["copy data/orders.redb 'postgres://db.example.com/shop'", 'from a file to PostgreSQL'],
    ["copy 'postgres://db.example.com/shop' orders.redb --follow", 'and back, as it comes'],
  ],

  async run({ output, values, words: [from, to], settings, signal, interrupt }) {
    if (values.log !== undefined) {
      throw invalid('expected the two logs as arguments, found --log');
    }
    const { lockWaitMs } = settings;
    const logs = [];
    const open = async (place, how) => {
      const log = await interrupt.race(openLog(place, { ...how, lockWaitMs }));
      logs.push(log);
      return log;
    };
    try {
      const source = await open({ path: from, source: 'FROM' });
      const target = await open({ path: to, source: 'TO' }, { changes: true, creates: true });
      const { follow } = values;
      const response = await withProgress('copy', settings, (onProgress) => {
        if (!follow) return source.copyTo(target, { signal, onProgress });
        interrupt.isEnd();
        const tell = ({ done }) =>
          output.note(`all ${done} events are there; the copy goes on with what follows`);
        const told = tellingOnce(tell, onProgress);
        return source.copyTo(target, { follow, until: signal, onProgress: told });
      });
      await output.one(dataOf(response), COUNTS);
    } finally {
      // The failure that came first is the one to tell.
      await Promise.allSettled(logs.map((log) => log.close()));
    }
  },
};
