#!/usr/bin/env node
import { main } from '../lib/command-line.js';

await main(process.argv.slice(2));
