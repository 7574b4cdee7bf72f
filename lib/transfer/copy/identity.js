'use strict';

// What an instance of two logs is known by.

/** The key of an instance as it is listed: one that was deleted and made anew is another one. */
function keyOf([id, createdAt]) {
  return `${createdAt} ${id}`;
}

module.exports = { keyOf };
