'use strict';

// The names of the formats that exports and imports have.

/** The log's own format, which an import takes whole again. */
const OWN = 'eventlog';

/** What an export can be. */
const EXPORTED = [OWN, 'cloudevents', 'cloudevents-batch', 'csv', 'parquet', 'arrow'];

/** What an import can be of. */
const IMPORTED = [
  OWN,
  'json-lines',
  'pino',
  'journal',
  'cloudevents',
  'cloudevents-batch',
  'emmett',
  'codebolt',
];

module.exports = { EXPORTED, IMPORTED, OWN };
