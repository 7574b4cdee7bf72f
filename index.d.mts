import commonjs from './index.js';

export * from './index.js';
export default commonjs.default;
