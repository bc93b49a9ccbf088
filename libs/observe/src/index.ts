export { BulkLog, type BulkLogOptions } from './bulk-log.ts';
export type { Line, LineSink, OpenSink } from './line-buffer.ts';
export { createLogger, isLevel, type Logger, type LoggerOptions } from './logger.ts';
