'use strict';

// Events as CloudEvents in the JSON format: one a line, or all in one array.

const { cloudEventText } = require('../../cloud-events/mapping.js');

/** The CloudEvent of an exported event, as text. */
function textOf({ payload, metadata, ...event }) {
  return cloudEventText({ ...event, metadata: JSON.parse(metadata) }, payload, metadata);
}

/** The JSON format, one a line. */
const cloudEvents = {
  name: 'cloudevents',
  begin: () => ({
    write: (events) => events.map((event) => `${textOf(event)}\n`).join(''),
    end: () => '',
  }),
};

/** The JSON batch format: an array. */
const cloudEventsBatch = {
  name: 'cloudevents-batch',
  begin() {
    let before = '[';
    return {
      write(events) {
        const texts = events.map((event) => {
          const text = `${before}\n${textOf(event)}`;
          before = ',';
          return text;
        });
        return texts.join('');
      },
      end: () => (before === '[' ? '[]\n' : '\n]\n'),
    };
  },
};

module.exports = { cloudEvents, cloudEventsBatch };
