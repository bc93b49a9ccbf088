// A list of 32-bit words that grows, in shared memory: what a section is written into. What has been shown to readers is
// never written again: more goes behind it, and a change of it goes into a copy.

const FIRST_WORDS = 64;

export class WordList {
  #words = allocate(FIRST_WORDS);
  #length = 0;
  /** So many words from the start have been shown. */
  #shown = 0;

  get length(): number {
    return this.#length;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) this.#move(this.#length * 2);
    this.#words[this.#length++] = word;
  }

  /** Appends `count` words of `word` and says where they begin. */
  reserve(count: number, word = 0): number {
    const start = this.#length;
    if (start + count > this.#words.length) this.#move(Math.max(start + count, this.#words.length * 2));
    this.#words.fill(word, start, start + count);
    this.#length = start + count;
    return start;
  }

  at(index: number): number {
    return this.#words[index];
  }

  set(index: number, word: number): void {
    if (this.#words[index] === (word | 0)) return;
    if (index < this.#shown) this.#move(this.#words.length);
    this.#words[index] = word;
  }

  /** Begins again with nothing. */
  clear(): void {
    if (this.#shown > 0) this.#words = allocate(FIRST_WORDS);
    this.#shown = 0;
    this.#length = 0;
  }

  /** All words so far, in place, for readers of any thread; they stay as they are for as long as anybody looks at them. */
  show(): Int32Array {
    this.#shown = this.#length;
    return this.#words.subarray(0, this.#length);
  }

  #move(capacity: number): void {
    const moved = allocate(capacity);
    moved.set(this.#words.subarray(0, this.#length));
    this.#words = moved;
    this.#shown = 0;
  }
}

function allocate(words: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
}
