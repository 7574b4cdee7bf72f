// Formats of `exportEvents` for programs that analyse.

import type { EventLogExportFormat } from 'codebolt-eventlog';

/**
 * One Parquet file, with a row for each event: `exportEvents({ format: parquet() })`, or by its name,
 * `exportEvents({ format: 'parquet' })`.
 *
 * A group of rows has at most 65,536 events, or 16 MiB of payload and metadata and an event more. What a column asks for is
 * optional; what each event has is required. Pages are compressed with Snappy.
 *
 * @returns The format.
 */
export declare function parquet(): EventLogExportFormat;

/**
 * A stream of Arrow's record batches (IPC), with a row for each event: `exportEvents({ format: arrow() })`, or by its name,
 * `exportEvents({ format: 'arrow' })`.
 *
 * A batch has at most 65,536 events, or 16 MiB of payload and metadata and an event more. It is not compressed.
 *
 * @returns The format.
 */
export declare function arrow(): EventLogExportFormat;
