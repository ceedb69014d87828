/** Name, link to the engine, theme, and on small screens the way to the streams. */
import type { JSX } from 'preact';
import type { Catalogue } from './catalogue.ts';
import type { Connection, Link } from './connection.ts';
import { safeText } from './format.ts';
import { Icon, Logo } from './icons.tsx';
import type { IconName } from './icons.tsx';
import { nextTheme, themeChoice } from './theme.ts';
import type { ThemeChoice } from './theme.ts';

interface BarProps {
  readonly connection: Connection;
  readonly catalogue: Catalogue;
  readonly drawerOpen: boolean;
  readonly onDrawer: () => void;
}

const THEME_ICONS: Readonly<Record<ThemeChoice, IconName>> = {
  system: 'system',
  light: 'sun',
  dark: 'moon',
};

export function TopBar({ connection, catalogue, drawerOpen, onDrawer }: BarProps): JSX.Element {
  const link = connection.link.value;
  const status = catalogue.status.value;
  return (
    <header class="top">
      <button
        type="button"
        class="icon-button drawer-button"
        aria-label="Streams"
        aria-expanded={drawerOpen}
        onClick={onDrawer}
      >
        <Icon name={drawerOpen ? 'close' : 'streams'} />
      </button>
      <Logo />
      <h1>Squilla</h1>
      <span class="crumb">Explore</span>
      <span class="top-space" />
      {status?.demo === true && <span class="tag demo-tag">demo data</span>}
      <span class={`link-state link-${link.state}`} role="status">
        <i class="dot" />
        {linkText(link)}
      </span>
      {status !== null && status.version !== '' && (
        <span class="version">{safeText(status.version, 20)}</span>
      )}
      <button
        type="button"
        class="icon-button theme-button"
        aria-label={`Theme: ${themeChoice.value}`}
        title={`Theme: ${themeChoice.value}`}
        onClick={nextTheme}
      >
        <Icon name={THEME_ICONS[themeChoice.value]} />
      </button>
    </header>
  );
}

function linkText(link: Link): string {
  if (link.state === 'open') return 'Live';
  return link.state === 'connecting' ? 'Connecting' : 'Away';
}

export function AwayBanner({ connection }: { connection: Connection }): JSX.Element | null {
  const link = connection.link.value;
  if (link.state !== 'away') return null;
  return (
    <div class="banner" role="alert">
      <span>
        <strong>The engine does not answer.</strong> What you see is the last it said. The page
        tries again by itself; if the engine was stopped, start it with <code>npm start</code>.
      </span>
      <button type="button" class="button" onClick={() => connection.retryNow()}>
        Try now
      </button>
    </div>
  );
}
