/** Line icons drawn in the text's colour. Shapes from Lucide (ISC licence). */
import type { JSX } from 'preact';

const PATHS = {
  play: 'M6 4.5v15l13-7.5z',
  stop: 'M6 6h12v12H6z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M20.5 14.5A8.5 8.5 0 0 1 9.5 3.5a8.5 8.5 0 1 0 11 11z',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  streams: 'M4 6h16M4 12h16M4 18h10',
  chevron: 'M9 6l6 6-6 6',
  close: 'M6 6l12 12M18 6L6 18',
  bolt: 'M13 2L4 14h7l-1 8 9-12h-7z',
  heart:
    'M12 20s-7.5-4.6-9-9.2C1.9 7.3 4.3 4.5 7.3 4.5c2 0 3.7 1.1 4.7 2.9 1-1.8 2.7-2.9 4.7-2.9 3 0 5.4 2.8 4.3 6.3C19.5 15.4 12 20 12 20z',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16.2 16.2L21 21',
  chart: 'M3 20h18M5 15l5-6 4 4 6-8',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4',
  fleet: 'M4 4h16v6H4zM4 14h16v6H4zM8 7h.01M8 17h.01',
  contrast: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 3v18M12 8h6M12 12h9M12 16h6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  download: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  mute: 'M4 4l16 16M9 5.5A6 6 0 0 1 18 11v4M6 9v7l-1.5 2H18M10 21h4',
  check: 'M4 12.5l5 5L20 6.5',
  pause: 'M8 5v14M16 5v14',
  split: 'M5 20V10M5 20h14M10 20V4M15 20v-7M20 20V8',
  builder: 'M4 7h6M14 7h6M4 17h10M18 17h2M12 5v4M16 15v4',
  plus: 'M12 5v14M5 12h14',
  tail: 'M4 5h10M4 10h16M4 15h12M4 20h8M19 14v6M16.5 17.5L19 20l2.5-2.5',
  boards: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z',
  move: 'M12 3v18M3 12h18M12 3l-2.5 2.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, fill }: { name: IconName; fill?: boolean }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width="16"
      height="16"
      fill={fill === true ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <rect width="24" height="24" rx="6.5" class="logo-ground" />
      <path
        d="M4 15.5c2.2 0 2.6-7 5-7s2.6 7 5 7 2.4-4.5 6-4.5"
        fill="none"
        stroke="#fff"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </svg>
  );
}
