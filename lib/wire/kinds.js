'use strict';

// What the values are that come from the addon, as `src/request/kind.rs` has it. A test of each side compares its own kinds
// with those in `__test__/fixtures/wire.json`.

module.exports = {
  FAILURE: 0,
  DATA: 1,
  EVENT: 2,
  EVENTS: 3,
  PIECE_OF_EVENTS: 4,
  PIECE_OF_VALUES: 5,
  RESULT: 6,
  PIECE_OF_PLACED_EVENTS: 7,
  DUPLICATE_EVENT: 8,
  DUPLICATE_EVENTS: 9,
  LIST_OF_EVENTS: 10,
  DUPLICATE_LIST_OF_EVENTS: 11,
  LIST: 12,
  JSON: 13,
  KEPT_EVENT: 14,
  DUPLICATE_KEPT_EVENT: 15,
};
