// The bounds of what a version may hold and say: whoever may propose a change must not be able to fill the store.

/** Resources put and deleted by one change; as many as one set of files may hold. */
export const MAX_CHANGE_RESOURCES = 200_000;

/** Resources of one state: ten times what the largest deployment we measure has. */
export const MAX_STATE_RESOURCES = 500_000;

/** Bytes of one entry as JSON. Redis takes 512 MB a value; a follower holds an entry twice while it reads it. */
export const MAX_ENTRY_BYTES = 128 * 1024 * 1024;

/** Characters of a message: a commit message with its body. */
export const MAX_MESSAGE_LENGTH = 4_096;

/** Characters of an author, a set's name and a submission. */
export const MAX_NAME_LENGTH = 256;

/** Submissions a state remembers, to answer a doubled one as the first: far more than can be in flight at once. */
export const MAX_SUBMISSIONS = 1_000;

/** Errors that travel with an answer, and as many warnings and notices; the rest is counted. */
export const MAX_COMPLAINTS = 1_000;
