export { makeAuthority, makeCertificate, makeRevocationList, type Pair } from './certificates.ts';
export { TestClient } from './client.ts';
export { type CommandLine, readCommandLine } from './command-line.ts';
export { until } from './condition.ts';
export { accepts, freePort } from './ports.ts';
export { endAll, type ProcessOptions, RealProcess, run } from './process.ts';
export { findProgram, findRedis, type RedisSettings, startRedis, TestRedis } from './redis.ts';
export { type Random, seeded } from './seed.ts';
export { skip } from './skip.ts';
