// Issues: what is wrong (or worth knowing) about a resource, without and with its place in a file.
import type { Code } from './codes.ts';
import { CODES } from './codes.ts';
import type { FieldPath } from './field-path.ts';

/** error: the set is refused; warning: likely a mistake; notice: accepted, but not all of it takes effect. */
export type Level = 'error' | 'warning' | 'notice';

/** `Kind/namespace/name`; without a namespace's meaning `Kind//name` for cluster-scoped kinds. */
export type ResourceKey = string;

/** What analysis without files yields. `path` is empty where the whole resource is meant. */
export interface Complaint {
  readonly code: Code;
  readonly level: Level;
  readonly message: string;
  /** Empty where a file, not a resource, is complained about. */
  readonly resource: ResourceKey;
  readonly path: FieldPath;
  /** It stands for so many more: of its code in this resource; with SLU1008 of all. */
  readonly more?: number;
}

/** A place in a file; line and column from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A complaint with its place, where one is known. */
export interface Issue extends Complaint {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Makes a complaint; its level comes from the table of codes. */
export function complain(code: Code, resource: ResourceKey, path: FieldPath, message: string): Complaint {
  return { code, level: CODES[code].level, message, resource, path };
}

/** How rules report: code, field path, message. */
export type Report = (code: Code, path: FieldPath, message: string) => void;
