// @ts-check
// Keeps the screen on while people talk. A browser lets go of it when the page is hidden; it is asked for again then.

export class Awake {
  constructor() {
    this.wanted = false;
    this.asking = false;
    /** @type {WakeLockSentinel | null} */
    this.lock = null;
    document.addEventListener("visibilitychange", () => this.ask());
  }

  begin() {
    if (this.wanted) return;
    this.wanted = true;
    this.ask();
  }

  end() {
    this.wanted = false;
    this.lock?.release().catch(() => {});
    this.lock = null;
    delete document.body.dataset.awake;
  }

  async ask() {
    if (!this.wanted || document.visibilityState !== "visible" || !navigator.wakeLock || this.asking) return;
    if (this.lock && !this.lock.released) return;
    this.asking = true;
    try {
      const lock = await navigator.wakeLock.request("screen");
      if (this.wanted) {
        this.lock = lock;
        document.body.dataset.awake = "yes";
      } else lock.release();
    } catch {
      delete document.body.dataset.awake; // a battery that is nearly empty, a system that does not want it: no harm
    } finally {
      this.asking = false;
    }
  }
}
