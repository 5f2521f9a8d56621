/** A long list of which only the visible rows are in the document. */

const EXTRA_ROWS = 6;

export class VirtualRows {
  items = [];
  #rows = new Map();
  #redrawing = false;
  #scroller;
  #before;
  #after;
  #options;

  /**
   * `before` and `after` are empty elements around the rows. Options: `key(item)`, `create(item)`,
   * `refresh(row, item, index)` and `rowHeight()`; `opened()` returns the item whose row is higher than the others.
   */
  constructor(scroller, before, after, options) {
    [this.#scroller, this.#before, this.#after] = [scroller, before, after];
    this.#options = { opened: () => null, refresh: () => {}, ...options };
    scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(scroller);
  }

  /** Show other items. */
  show(items) {
    this.items = items;
    this.redraw();
  }

  /** Draw all visible rows again, because what they show has changed. */
  redraw() {
    this.#redrawing = true;
    this.draw();
    this.#redrawing = false;
  }

  /** Put exactly the visible rows into the document. */
  draw() {
    const height = this.#options.rowHeight();
    const [opened, extra] = this.#openedRow(height);
    const top = this.#scroller.getBoundingClientRect().top - this.#before.getBoundingClientRect().top;
    const indexAt = (y) => Math.floor((y > (opened + 1) * height ? Math.max((opened + 1) * height, y - extra) : y) / height);
    const first = Math.max(0, Math.min(indexAt(top), this.items.length) - EXTRA_ROWS);
    const last = Math.min(this.items.length, indexAt(top + this.#scroller.clientHeight) + 1 + EXTRA_ROWS);
    const hidden = (from, to) => (to - from) * height + (opened >= from && opened < to ? extra : 0);
    this.#place(this.items.slice(first, last), first);
    this.#before.style.height = `${hidden(0, first)}px`;
    this.#after.style.height = `${hidden(Math.max(first, last), this.items.length)}px`;
  }

  /** Scroll so that an item is visible. */
  reveal(index) {
    const height = this.#options.rowHeight();
    const [opened, extra] = this.#openedRow(height);
    const list = this.#before.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top + this.#scroller.scrollTop;
    const top = index * height + (index > opened && opened >= 0 ? extra : 0);
    const { scrollTop, clientHeight } = this.#scroller;
    if (top >= scrollTop && top + list + height <= scrollTop + clientHeight) return;
    this.#scroller.scrollTop = top - Math.max(0, clientHeight - list - height) / 2;
    this.draw();
  }

  /** Return the row of a key, if it is in the document. */
  row(key) {
    return this.#rows.get(key)?.node;
  }

  /** The index of the opened item, and how much higher its row is. */
  #openedRow(height) {
    const item = this.#options.opened();
    const index = item === null ? -1 : this.items.indexOf(item);
    const node = index >= 0 && this.row(this.#options.key(item));
    if (node) this.openedHeight = node.getBoundingClientRect().height;
    return [index, index >= 0 ? Math.max(0, (this.openedHeight || 0) - height) : 0];
  }

  #place(items, first) {
    const { key, refresh } = this.#options;
    const wanted = new Map(items.map((item) => [key(item), item]));
    for (const [id, row] of this.#rows) {
      if (wanted.get(id) !== row.item) this.#remove(id);
    }
    let previous = this.#before;
    let index = first;
    for (const [id, item] of wanted) {
      const isNew = !this.#rows.has(id);
      const node = this.row(id) || this.#add(id, item);
      if (isNew || this.#redrawing) refresh(node, item, index);
      if (previous.nextSibling !== node) previous.after(node);
      previous = node;
      index++;
    }
  }

  #add(id, item) {
    const node = this.#options.create(item);
    this.#rows.set(id, { item, node });
    return node;
  }

  #remove(id) {
    this.row(id).remove();
    this.#rows.delete(id);
  }
}
