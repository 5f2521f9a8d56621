/** A long list of which only the visible rows are in the document. */

/**
 * Return the list. `before` and `after` are empty elements around the rows. `key(item)` names an item, `create(item)`
 * makes its row, `refresh(row, item, index)` fills it, `rowHeight()` is the height of all but the `opened()` item's.
 */
export function virtualRows(scroller, before, after, { key, create, refresh, rowHeight, opened = () => null, extraRows = 6 }) {
  const rows = new Map();
  let [items, openedHeight] = [[], 0];

  const row = (id) => rows.get(id)?.node;

  const distance = () => before.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  /** The index of the opened item, and how much higher its row is. */
  function openedRow(height) {
    const index = opened() ? items.indexOf(opened()) : -1;
    if (index < 0) return [-1, 0];
    openedHeight = row(key(opened()))?.offsetHeight || openedHeight;
    return [index, Math.max(0, openedHeight - height)];
  }

  function draw(redraw = false) {
    const height = rowHeight();
    const [open, extra] = openedRow(height);
    const end = (open + 1) * height;
    const indexAt = (y) => Math.floor((y > end ? Math.max(end, y - extra) : y) / height);
    const top = -distance();
    const first = Math.max(0, Math.min(indexAt(top), items.length) - extraRows);
    const last = Math.min(items.length, indexAt(top + scroller.clientHeight) + 1 + extraRows);
    const hidden = (from, to) => `${(to - from) * height + (open >= from && open < to ? extra : 0)}px`;
    placeRows(items.slice(first, last), first, redraw);
    before.style.height = hidden(0, first);
    after.style.height = hidden(Math.max(first, last), items.length);
  }

  function placeRows(shown, first, redraw) {
    const wanted = new Map(shown.map((item) => [key(item), item]));
    for (const [id, { item, node }] of rows) {
      if (wanted.get(id) === item) continue;
      node.remove();
      rows.delete(id);
    }
    let previous = before;
    shown.forEach((item, index) => {
      const isNew = !rows.has(key(item));
      if (isNew) rows.set(key(item), { item, node: create(item) });
      const node = row(key(item));
      if (isNew || redraw) refresh(node, item, first + index);
      if (previous.nextSibling !== node) previous.after(node);
      previous = node;
    });
  }

  /** Scroll so that an item is visible. */
  function reveal(index) {
    const height = rowHeight();
    const [open, extra] = openedRow(height);
    const { scrollTop, clientHeight } = scroller;
    const above = distance() + scrollTop;
    const top = index * height + (open >= 0 && index > open ? extra : 0);
    const needed = index === open ? height + extra : height;
    if (top >= scrollTop && top + above + needed <= scrollTop + clientHeight) return;
    scroller.scrollTop = top - Math.max(0, clientHeight - above - needed) / 2;
    draw();
  }

  scroller.addEventListener("scroll", () => draw(), { passive: true });
  new ResizeObserver(() => draw()).observe(scroller);
  const show = (others) => draw(Boolean((items = others)));
  return { row, draw, reveal, show, items: () => items };
}
