'use strict';

// Variables of the environment that a program need not let the package read.

/** What a variable says. Where reading it is not permitted it says nothing: Deno would ask its user, or fail. */
function permittedValue(variable) {
  const permission = globalThis.Deno?.permissions.querySync({ name: 'env', variable });
  const isPermitted = permission === undefined || permission.state === 'granted';
  return isPermitted ? process.env[variable] : undefined;
}

module.exports = { permittedValue };
