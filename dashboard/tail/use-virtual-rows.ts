/** Which rows of equal height of a scrolled list with a head are in view. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from '@tanstack/virtual-core';
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';

export interface VirtualRows {
  /** Indices, ascending. */
  readonly rows: readonly number[];
  /** Pixels from the top of the first of them. */
  readonly before: number;
  /** Pixels of all rows. */
  readonly total: number;
  /** Scrolls as little as needed. */
  readonly show: (index: number) => void;
}

const ROWS_AROUND = 6;

export function useVirtualRows(
  box: { readonly current: HTMLElement | null },
  count: number,
  rowHeight: number,
): VirtualRows {
  const moved = useSignal(0);
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: ROWS_AROUND,
    // The head stays at the top and covers as much.
    paddingStart: rowHeight,
    scrollPaddingStart: rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => {
      moved.value++;
    },
  };
  const virtualizer = useMemo(() => new Virtualizer<HTMLElement, HTMLElement>(options), []);
  virtualizer.setOptions(options);
  useEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  // The read makes this component follow what the virtualizer says.
  void moved.value;
  const items = virtualizer.getVirtualItems();
  return {
    rows: items.map(({ index }) => index),
    before: Math.max(0, (items[0]?.start ?? 0) - rowHeight),
    total: count * rowHeight,
    show: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
