// A list of 32-bit words that grows: what a section is written into.

const FIRST_WORDS = 64;

export class WordList {
  #words = new Int32Array(FIRST_WORDS);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) this.#grow(this.#length + 1);
    this.#words[this.#length++] = word;
  }

  /** Appends `count` words of `word` and says where they begin. */
  reserve(count: number, word = 0): number {
    const start = this.#length;
    if (start + count > this.#words.length) this.#grow(start + count);
    this.#words.fill(word, start, start + count);
    this.#length = start + count;
    return start;
  }

  at(index: number): number {
    return this.#words[index];
  }

  set(index: number, word: number): void {
    this.#words[index] = word;
  }

  written(): Int32Array {
    return this.#words.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.#words.length * 2));
    larger.set(this.#words);
    this.#words = larger;
  }
}
