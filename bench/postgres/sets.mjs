// What is measured on which servers: sets of measurements, each of which can be made by itself.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startServer } from '../../scripts/postgres-server.mjs';
import { Trio } from '../../torture/postgres/trio.mjs';
import { ofFollowers, onOneServer, onThreeNodes } from './measure.mjs';
import { renderFollowers, renderOneServer, renderThreeNodes } from './tables.mjs';

const SETTINGS = { max_connections: '200', shared_buffers: '128MB' };

/**
 * @typedef {object} Set
 * @property {string} results - What its results are called, in files and in the document.
 * @property {string} title - What the file with its results is headed with.
 * @property {(options: object) => object[]} measurementsOf - What is measured in each round.
 * @property {() => Promise<{ url: string, stop: () => Promise<void> }>} start - Starts its servers. The URL is that of a
 *   database of the one that takes changes.
 * @property {(run: object) => string} render - Its tables, in Markdown.
 */

/** @type {Record<string, Set>} */
export const sets = {
  'one-server': {
    results: 'postgres',
    title: 'PostgreSQL',
    measurementsOf: onOneServer,
    start: startOne,
    render: renderOneServer,
  },
  followers: {
    results: 'postgres-followers',
    title: 'Followers in PostgreSQL',
    measurementsOf: ofFollowers,
    start: startOne,
    render: renderFollowers,
  },
  'three-nodes': {
    results: 'postgres-three-nodes',
    title: 'PostgreSQL on three nodes',
    measurementsOf: onThreeNodes,
    start: startTrio,
    render: renderThreeNodes,
  },
};

function startOne() {
  return startServer(Object.entries(SETTINGS).map((setting) => setting.join('=')));
}

/** A primary and two standbys, one of which has each commit on its disk before it is answered. */
async function startTrio() {
  // The path is short: it is that of sockets.
  const folder = mkdtempSync(join(tmpdir(), 'bench-pg-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let trio;
  try {
    trio = await Trio.start(folder, SETTINGS);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    url: `postgres://postgres@${encodeURIComponent(trio.primary.host)}/postgres`,
    async stop() {
      await trio.stop();
      remove();
    },
  };
}
