// The entry of the package for servers.

export { serve } from './lib/serve.js';
