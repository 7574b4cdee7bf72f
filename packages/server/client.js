// The entry of the package for clients, in Node.js and browsers.

export { connect } from './lib/client/connect.js';
export { EventLogError, unwrap } from './lib/client/errors.js';
