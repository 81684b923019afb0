// What the steps of setting up have in common.

export class Step {
  /** `screen`: the whole of the setting up. */
  constructor(screen) {
    this.screen = screen;
    this.element = this.build();
  }

  /** What the program offers. */
  get offer() {
    return this.screen.offer;
  }

  /** What the keyboard should be at when this step begins. */
  get first() {
    return this.screen.next;
  }
}
