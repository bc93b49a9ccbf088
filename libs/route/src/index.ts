// What resources mean: compile them to a plan, analyze them across each other, explain a connection, compare two versions.
export { type AnalyzeOptions, analyze } from './analyze/analyze.ts';
export { type Compiled, compile } from './compile.ts';
export { type Change, type Effect, effect } from './effect.ts';
export { gatewaysElsewhere } from './elsewhere.ts';
export { complainOfExpiry } from './expiry.ts';
export { type ConnectionFacts, type Explanation, explain, type Outcome } from './explain.ts';
export type { IdleServer } from './idle.ts';
export { Analyzer } from './incremental/analyzer.ts';
export { Compiler, type ResourceChange } from './incremental/compiler.ts';
export { type CompileOptions, DEFAULT_LABELS } from './options.ts';
export type { Pem, TlsPlan, TlsVersion } from './tls-plan.ts';
