/**
 * Doubles ⇒ small whole numbers given out by the caller: open addressing on the bits of the double.
 * NaN is not a key; 0 and −0 are one.
 */
const SLOTS_MIN = 64;
const GOLDEN = 0x9e3779b1;
const SECOND = 0x85ebca6b;

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);

export class NumberAtoms {
  #numbers: Float64Array = new Float64Array(SLOTS_MIN);
  /** 0 marks a free slot. */
  #atoms: Uint32Array = new Uint32Array(SLOTS_MIN);
  #used = 0;

  /** 0: unknown. */
  get(value: number): number {
    return this.#atoms[this.#slotOf(value)]!;
  }

  /** `value` must be unknown; `atom` is not 0. */
  set(value: number, atom: number): void {
    if (this.#used * 2 >= this.#atoms.length) this.#grow();
    const slot = this.#slotOf(value);
    this.#numbers[slot] = value;
    this.#atoms[slot] = atom;
    this.#used++;
  }

  clear(): void {
    this.#atoms.fill(0);
    this.#used = 0;
  }

  #slotOf(value: number): number {
    // Adding 0 turns −0 into 0.
    floats[0] = value + 0;
    const hash = Math.imul(words[1]!, GOLDEN) ^ Math.imul(words[0]!, SECOND);
    const mask = this.#atoms.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    while (this.#atoms[slot] !== 0 && this.#numbers[slot] !== value) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const numbers = this.#numbers;
    const atoms = this.#atoms;
    this.#numbers = new Float64Array(numbers.length * 2);
    this.#atoms = new Uint32Array(atoms.length * 2);
    this.#used = 0;
    for (let slot = 0; slot < atoms.length; slot++) {
      if (atoms[slot] !== 0) this.set(numbers[slot]!, atoms[slot]!);
    }
  }
}
