// The bounds of what is read: whoever may propose a change must not be able to take the memory or the time of the
// process that reads it. Every bound is far above what a real deployment needs and far below what hurts.

/** One file, in UTF-16 units as all limits of texts. A set of 100,000 small resources in one file is about 40 MB. */
export const MAX_FILE_CHARACTERS = 64 * 1024 * 1024;

/** All files of one set together. */
export const MAX_TOTAL_CHARACTERS = 256 * 1024 * 1024;

/** One document. Kubernetes' own store takes 1.5 MB an object; a route with 10,000 rules is about 2 MB. */
export const MAX_DOCUMENT_CHARACTERS = 8 * 1024 * 1024;

/** Documents of one set, items of a `kind: List` included. */
export const MAX_DOCUMENTS = 200_000;

/** Values (scalars, lists, mappings) of one document after aliases are resolved. */
export const MAX_DOCUMENT_NODES = 500_000;

/** Pieces (texts, marks, spaces, line breaks) of one document while it is read: a key, its value and their line are about 8. */
export const MAX_DOCUMENT_LEXEMES = 3_000_000;

/** Anchors and tags of one document. No more anchors than aliases are of use, and few documents have a tag at all. */
export const MAX_NODE_PROPERTIES = 10_000;

/** Mappings and lists inside each other. Istio's deepest schema needs about 15. */
export const MAX_DEPTH = 64;

/** Uses of an alias in one document: enough for shared blocks, too few for a bomb (which the node limit stops too). */
export const MAX_ALIASES = 1_000;

/** Errors reported of one set, and as many warnings and notices; what is beyond is counted and told in one last issue. */
export const MAX_ISSUES = 1_000;

/** Issues reported of one resource, so that one broken document cannot hide all the others. */
export const MAX_ISSUES_PER_RESOURCE = 100;

/** Characters of a message: some repeat names, which may be of any length. */
export const MAX_MESSAGE = 1_000;

/** Characters of an offending value that a message repeats. */
export const MAX_QUOTED = 80;

/** Mistakes of YAML's grammar in one document: each is an object of about 1 kB before any is told. */
export const MAX_SYNTAX_ERRORS = 1_000;
