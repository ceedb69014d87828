/** Draws the ledger's picture: nodes with their numbers, bands between them. */
import type { JSX } from 'preact';
import type { LedgerView } from '../../src/coordinator/views.ts';
import { numberText, safeText } from '../format.ts';
import { flowPicture } from './flow-picture.ts';
import type { FlowBand, FlowNode } from './flow-picture.ts';

/** Units of the picture. */
const COLUMN_WIDTH = 300;
const NODE_WIDTH = 12;
const TEXT_ROOM = 170;
const TOP = 14;
const COLUMNS = 4;

export function FlowView({ view }: { view: LedgerView }): JSX.Element {
  const { nodes, bands, height } = flowPicture(view);
  const width = (COLUMNS - 1) * COLUMN_WIDTH + NODE_WIDTH + TEXT_ROOM;
  return (
    <div class="flow-scroll" tabIndex={0} role="group" aria-label="Flow of events">
      <svg
        class="flow-picture"
        viewBox={`0 0 ${width} ${height + TOP * 2}`}
        role="img"
        aria-label={nodes.map(({ name, count }) => `${name}: ${numberText(count)}`).join(', ')}
      >
        {bands.map((band) => (
          <path
            key={`${band.from.name}\n${band.to.name}`}
            class={`band flow-${band.to.kind}`}
            d={bandPath(band)}
          >
            <title>{`${safeText(band.from.name)} → ${safeText(band.to.name)}: ${numberText(band.count)}`}</title>
          </path>
        ))}
        {nodes.map((node) => (
          <Node key={`${node.column} ${node.name}`} node={node} />
        ))}
      </svg>
    </div>
  );
}

function Node({ node }: { node: FlowNode }): JSX.Element {
  const { name, count, kind, top, height } = node;
  const x = leftOf(node);
  const middle = TOP + top + height / 2;
  return (
    <g>
      <rect
        class={`node flow-${kind}`}
        x={x}
        y={TOP + top}
        width={NODE_WIDTH}
        height={height}
        rx={3}
      />
      <text x={x + NODE_WIDTH + 8} y={middle - 2} class="flow-count">
        {numberText(count)}
      </text>
      <text x={x + NODE_WIDTH + 8} y={middle + 12} class="flow-name">
        {safeText(name, 36)}
      </text>
    </g>
  );
}

function leftOf({ column }: FlowNode): number {
  return column * COLUMN_WIDTH;
}

function bandPath({ from, to, fromTop, toTop, height }: FlowBand): string {
  const [left, right] = [leftOf(from) + NODE_WIDTH, leftOf(to)];
  const middle = (left + right) / 2;
  const [a, b] = [TOP + fromTop, TOP + toTop];
  return [
    `M${left} ${a}C${middle} ${a} ${middle} ${b} ${right} ${b}`,
    `L${right} ${b + height}`,
    `C${middle} ${b + height} ${middle} ${a + height} ${left} ${a + height}Z`,
  ].join('');
}
