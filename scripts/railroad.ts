/**
 * Railroad diagrams of the grammar: each rule of `mql.ebnf` as an SVG that a browser draws in light
 * and dark. Every element has one line in and one line out at the same height and knows how far it
 * reaches above and below it; the drawing is a function of the rule alone.
 */
import type { Ebnf, Form } from './ebnf.ts';

/** Distances in pixels. */
const GAP = 10;
const BOX_HEIGHT = 24;
const ROW_GAP = 8;
const LOOP_GAP = 10;
const TURN = 8;
const MARGIN = 12;
const CHARACTER = 7.3;
const BOX_PADDING = 10;

interface Drawing {
  readonly width: number;
  /** How far it reaches above the line that goes in and out. */
  readonly up: number;
  readonly down: number;
  draw(x: number, y: number): string;
}

/** The diagram of the rule `name`: a whole SVG document. */
export function railroadSvg(name: string, { rules }: Ebnf): string {
  const form = rules.get(name);
  if (form === undefined) throw new Error(`no rule ${name}`);
  const body = new Draftsman(new Set(rules.keys())).drawing(form);
  const y = MARGIN + body.up;
  const x = MARGIN + GAP;
  const width = round(body.width + 2 * x);
  const height = round(body.up + body.down + 2 * MARGIN);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title id="t">${escaped(name)}</title>`,
    `<desc id="d">${escaped(`${name} = ${formText(form)}`)}</desc>`,
    `<style>${STYLE}</style>`,
    end(MARGIN, y),
    line(MARGIN, y, x),
    body.draw(x, y),
    line(x + body.width, y, x + body.width + GAP),
    end(x + body.width + GAP, y),
    '</svg>',
  ].join('\n')}\n`;
}

const STYLE = [
  'svg{color:#1f2328}',
  '@media (prefers-color-scheme:dark){svg{color:#e6edf3}}',
  'path,rect{fill:none;stroke:currentColor;stroke-width:1.5}',
  'text{fill:currentColor;font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;text-anchor:middle}',
  '.r{font-style:italic}',
].join('');

// ---- From forms to drawings ---------------------------------------------------------------------

class Draftsman {
  readonly #rules: ReadonlySet<string>;

  constructor(rules: ReadonlySet<string>) {
    this.#rules = rules;
  }

  drawing(form: Form): Drawing {
    if (typeof form === 'string') return box(form, this.#rules.has(form));
    const [operator, ...parts] = form;
    const [first = ''] = parts;
    switch (operator) {
      case 'seq':
        return row(this.#looped(parts));
      case 'or':
        return stack(parts.map((part) => this.drawing(part)));
      case 'opt':
        return stack([skip(), this.drawing(first)]);
      case 'rep':
        return stack([skip(), loop(this.drawing(first), null)]);
    }
  }

  /** A sequence in which `x { separator x }` has become one loop. */
  #looped(parts: readonly Form[]): readonly Drawing[] {
    const drawings: Drawing[] = [];
    for (let i = 0; i < parts.length; i++) {
      const drawing = this.drawing(parts[i] ?? '');
      const separator = separatorBetween(parts[i] ?? '', parts[i + 1]);
      if (separator === null) {
        drawings.push(drawing);
        continue;
      }
      drawings.push(loop(drawing, separator === '' ? null : this.drawing(separator)));
      i++;
    }
    return drawings;
  }
}

/** What stands between the repeats of `part` if `next` repeats it, '' for nothing; else null. */
function separatorBetween(part: Form, next: Form | undefined): Form | null {
  if (next === undefined || typeof next === 'string' || next[0] !== 'rep') return null;
  const [, body = ''] = next;
  const wanted = JSON.stringify(part);
  if (JSON.stringify(body) === wanted) return '';
  if (typeof body === 'string' || body[0] !== 'seq') return null;
  const [, ...inner] = body;
  if (inner.length !== 2 || JSON.stringify(inner[1]) !== wanted) return null;
  return inner[0] ?? null;
}

// ---- Elements -----------------------------------------------------------------------------------

/** A terminal has round ends, a rule corners; fixed text stands without its quotes. */
function box(name: string, isRule: boolean): Drawing {
  const text = name.replaceAll('"', '');
  const width = round(text.length * CHARACTER + 2 * BOX_PADDING);
  return {
    width,
    up: BOX_HEIGHT / 2,
    down: BOX_HEIGHT / 2,
    draw: (x, y) => {
      const corner = isRule ? 0 : BOX_HEIGHT / 2;
      const rect = `<rect x="${round(x)}" y="${round(y - BOX_HEIGHT / 2)}" width="${width}" height="${BOX_HEIGHT}" rx="${corner}"/>`;
      const style = isRule ? ' class="r"' : '';
      return `${rect}<text${style} x="${round(x + width / 2)}" y="${round(y + 4)}">${escaped(text)}</text>`;
    },
  };
}

function skip(): Drawing {
  return { width: 0, up: 0, down: 0, draw: () => '' };
}

function row(parts: readonly Drawing[]): Drawing {
  const width = parts.reduce((sum, part) => sum + part.width, 0) + GAP * (parts.length - 1);
  return {
    width,
    up: Math.max(...parts.map((part) => part.up)),
    down: Math.max(...parts.map((part) => part.down)),
    draw: (x, y) => {
      let at = x;
      return parts
        .map((part, i) => {
          const lead = i === 0 ? '' : line(at, y, at + GAP);
          if (i > 0) at += GAP;
          const drawn = part.draw(at, y);
          at += part.width;
          return lead + drawn;
        })
        .join('');
    },
  };
}

/** Ways beside each other: the first goes straight, the others below it. */
function stack(parts: readonly Drawing[]): Drawing {
  const inner = Math.max(...parts.map((part) => part.width));
  const tops: number[] = [];
  let depth = 0;
  parts.forEach((part, i) => {
    const top = i === 0 ? 0 : depth + ROW_GAP + Math.max(part.up, TURN);
    tops.push(top);
    depth = top + part.down;
  });
  return {
    width: inner + 4 * TURN,
    up: parts[0]?.up ?? 0,
    down: depth,
    draw: (x, y) =>
      parts
        .map((part, i) => {
          const at = y + (tops[i] ?? 0);
          const from = x + 2 * TURN;
          const right = x + inner + 2 * TURN;
          const middle = from + (inner - part.width) / 2;
          const around =
            i === 0
              ? line(x, y, from) + line(right, y, right + 2 * TURN)
              : wayDown(x, y, at) + wayUp(right, y, at);
          return (
            around +
            line(from, at, middle) +
            part.draw(middle, at) +
            line(middle + part.width, at, right)
          );
        })
        .join(''),
  };
}

/** `body`, again and again; the way back leads over the separator. */
function loop(body: Drawing, separator: Drawing | null): Drawing {
  const back = separator ?? skip();
  const inner = Math.max(body.width, back.width);
  const below = body.down + LOOP_GAP + Math.max(back.up, TURN);
  return {
    width: inner + 4 * TURN,
    up: body.up,
    down: below + back.down,
    draw: (x, y) => {
      const from = x + 2 * TURN;
      const right = from + inner;
      const bodyAt = from + (inner - body.width) / 2;
      const backAt = from + (inner - back.width) / 2;
      const low = y + below;
      return [
        line(x, y, bodyAt),
        body.draw(bodyAt, y),
        line(bodyAt + body.width, y, right + 2 * TURN),
        path(
          `M${p(right, y)}q${p(TURN, 0)} ${p(TURN, TURN)}V${n(low - TURN)}q${p(0, TURN)} ${p(-TURN, TURN)}H${n(backAt + back.width)}`,
        ),
        back.draw(backAt, low),
        path(
          `M${p(backAt, low)}H${n(from)}q${p(-TURN, 0)} ${p(-TURN, -TURN)}V${n(y + TURN)}q${p(0, -TURN)} ${p(TURN, -TURN)}`,
        ),
      ].join('');
    },
  };
}

// ---- Strokes ------------------------------------------------------------------------------------

function wayDown(x: number, y: number, low: number): string {
  return path(
    `M${p(x, y)}q${p(TURN, 0)} ${p(TURN, TURN)}V${n(low - TURN)}q${p(0, TURN)} ${p(TURN, TURN)}`,
  );
}

function wayUp(x: number, y: number, low: number): string {
  return path(
    `M${p(x, low)}q${p(TURN, 0)} ${p(TURN, -TURN)}V${n(y + TURN)}q${p(0, -TURN)} ${p(TURN, -TURN)}`,
  );
}

function line(from: number, y: number, to: number): string {
  return to - from < 0.05 ? '' : path(`M${p(from, y)}H${n(to)}`);
}

function end(x: number, y: number): string {
  return path(`M${p(x, y - 6)}v12`);
}

function path(commands: string): string {
  return `<path d="${commands}"/>`;
}

function p(x: number, y: number): string {
  return `${n(x)} ${n(y)}`;
}

function n(value: number): string {
  return String(round(value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

// ---- Text ---------------------------------------------------------------------------------------

/** A rule in the notation of `mql.ebnf`. */
export function formText(form: Form): string {
  if (typeof form === 'string') return form;
  const [operator, ...parts] = form;
  switch (operator) {
    case 'seq':
      return parts.map(groupText).join(' ');
    case 'or':
      return parts.map(formText).join(' | ');
    case 'opt':
      return `[ ${parts.map(formText).join(' ')} ]`;
    case 'rep':
      return `{ ${parts.map(formText).join(' ')} }`;
  }
}

function groupText(form: Form): string {
  const text = formText(form);
  return typeof form !== 'string' && form[0] === 'or' ? `( ${text} )` : text;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
