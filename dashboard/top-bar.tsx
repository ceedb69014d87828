/**
 * Name, screens, link to the engine, palette, time zone, theme; on phones the screens are below.
 */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Connection, Link } from './connection.ts';
import type { Dashboard } from './dashboard.ts';
import { hashFrom } from './page-address.ts';
import { safeText } from './format.ts';
import { Icon, Logo } from './icons.tsx';
import type { IconName } from './icons.tsx';
import { addressOf, SCREENS } from './router.ts';
import type { ScreenName } from './router.ts';
import { nextTheme, themeChoice } from './theme.ts';
import type { ThemeChoice } from './theme.ts';
import { switchTimeZone, timeZone } from './time-zone.ts';

interface BarProps {
  readonly dashboard: Dashboard;
  readonly drawer: Signal<boolean>;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

const THEME_ICONS: Readonly<Record<ThemeChoice, IconName>> = {
  system: 'system',
  light: 'sun',
  dark: 'moon',
  contrast: 'contrast',
};

const SCREEN_ICONS: Readonly<Record<ScreenName, IconName>> = {
  explore: 'chart',
  tail: 'tail',
  boards: 'boards',
  alerts: 'bell',
  fleet: 'fleet',
};

export function TopBar({ dashboard, drawer, onPalette, onHelp }: BarProps): JSX.Element {
  const { connection, catalogue, router } = dashboard;
  const link = connection.link.value;
  const status = catalogue.status.value;
  return (
    <header class="top">
      {hasDrawer(router.route.value.screen) && (
        <button
          type="button"
          class="icon-button drawer-button"
          aria-label="Streams and fields"
          aria-expanded={drawer.value}
          onClick={() => (drawer.value = !drawer.value)}
        >
          <Icon name={drawer.value ? 'close' : 'streams'} />
        </button>
      )}
      <Logo />
      <h1>Squilla</h1>
      <Screens dashboard={dashboard} classes="screens" />
      <span class="top-space" />
      {status?.demo === true && <span class="tag demo-tag">demo data</span>}
      <span class={`link-state link-${link.state}`} role="status">
        <i class="dot" />
        {linkText(link)}
      </span>
      {status !== null && status.version !== '' && (
        <span class="version">{safeText(status.version, 20)}</span>
      )}
      <button type="button" class="palette-button" onClick={onPalette} aria-label="Go to… Ctrl K">
        <Icon name="search" />
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <button
        type="button"
        class="icon-button zone-button"
        aria-label={`Times: ${timeZone.value === 'utc' ? 'UTC' : 'local'}`}
        title="Switch between local time and UTC"
        onClick={switchTimeZone}
      >
        {timeZone.value === 'utc' ? 'UTC' : 'local'}
      </button>
      <button
        type="button"
        class="icon-button theme-button"
        aria-label={`Theme: ${themeChoice.value}`}
        title={`Theme: ${themeChoice.value}`}
        onClick={nextTheme}
      >
        <Icon name={THEME_ICONS[themeChoice.value]} />
      </button>
      <button
        type="button"
        class="icon-button help-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onHelp}
      >
        ?
      </button>
    </header>
  );
}

/** Screens with a side that a narrow page hides. */
function hasDrawer(screen: ScreenName): boolean {
  return screen === 'explore' || screen === 'tail';
}

export function PhoneTabs({ dashboard }: { dashboard: Dashboard }): JSX.Element {
  return <Screens dashboard={dashboard} classes="screens phone-tabs" />;
}

/** Screens that are there, with how much fires now. */
function Screens({ dashboard, classes }: { dashboard: Dashboard; classes: string }): JSX.Element {
  const { router, explore, firing } = dashboard;
  const current = router.route.value.screen;
  const count = firing.value.value?.length ?? 0;
  return (
    <nav class={classes} aria-label={classes === 'screens' ? 'Screens' : 'Screens, below'}>
      {SCREENS.map(({ name, title }) => (
        <a
          key={name}
          href={name === 'explore' ? hashFrom(explore.pageState()) || '#/explore' : addressOf(name)}
          aria-current={name === current ? 'page' : undefined}
        >
          <Icon name={SCREEN_ICONS[name]} />
          <span>{title}</span>
          {name === 'alerts' && count > 0 && (
            <b class="badge" aria-label={`${count} firing`}>
              {count > 99 ? '99+' : count}
            </b>
          )}
        </a>
      ))}
    </nav>
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
