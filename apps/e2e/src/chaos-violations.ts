// What must hold and did not, as it is found.

export class Violations {
  readonly all: string[] = [];
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  add(text: string): void {
    this.all.push(text);
    this.#say(text);
  }

  check(holds: boolean, otherwise: string): void {
    if (!holds) this.add(otherwise);
  }
}
