/** The exchanges that a chosen finding names. */

import { signal } from "./dom.js";

export class Highlight {
  finding = null;
  numbers = new Set();
  changed = signal();

  /** Highlight the exchanges of a finding; the same finding once more ends it. */
  toggle(finding) {
    this.set(sameFinding(finding, this.finding) ? null : finding);
  }

  set(finding) {
    this.finding = finding;
    this.numbers = new Set(finding ? finding.exchanges : []);
    this.changed.emit(finding);
  }
}

/** A finding comes anew with each answer, and may have more exchanges then. */
export const sameFinding = (one, other) =>
  Boolean(one && other) && one.rule === other.rule && one.job === other.job && one.exchanges[0] === other.exchanges[0];
