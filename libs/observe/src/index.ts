export { createLogger, isLevel, type Logger, type LoggerOptions } from './logger.ts';
