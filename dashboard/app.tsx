/** The shell: navigation, the screen that the address names, palette and help over them. */
import { signal, useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Dashboard } from './dashboard.ts';
import { ExploreScreen } from './explore-screen.tsx';
import { listenForKeys } from './keys.ts';
import { lazyComponent } from './lazy-component.tsx';
import type { Route } from './router.ts';
import { TokenGate } from './token-gate.tsx';
import type { TourCardProps } from './tour/tour-card.tsx';
import { AwayBanner, PhoneTabs, TopBar } from './top-bar.tsx';

export interface AppProps {
  readonly dashboard: Dashboard;
  readonly openSession: (token: string) => Promise<boolean>;
}

export interface ScreenProps {
  readonly dashboard: Dashboard;
}

const AlertsScreen = lazyComponent<ScreenProps>(async () => {
  const { AlertsScreen } = await import('./alerts/alerts-screen.tsx');
  return AlertsScreen;
});

const FleetScreen = lazyComponent<ScreenProps>(async () => {
  const { FleetScreen } = await import('./fleet/fleet-screen.tsx');
  return FleetScreen;
});

const TailScreen = lazyComponent<ScreenProps & { readonly drawer: Signal<boolean> }>(async () => {
  const { TailScreen } = await import('./tail/tail-screen.tsx');
  return TailScreen;
});

const BoardsScreen = lazyComponent<ScreenProps>(async () => {
  const { BoardsScreen } = await import('./boards/boards-screen.tsx');
  return BoardsScreen;
});

const Palette = lazyComponent<ScreenProps & { readonly onClose: () => void }>(async () => {
  const { Palette } = await import('./palette.tsx');
  return Palette;
});

const TourCard = lazyComponent<TourCardProps>(async () => {
  const { TourCard } = await import('./tour/tour-card.tsx');
  return TourCard;
});

const ShortcutsHelp = lazyComponent<{ readonly onClose: () => void }>(async () => {
  const { ShortcutsHelp } = await import('./shortcuts-help.tsx');
  return ShortcutsHelp;
});

/** The first answer has the network for itself until then. */
const PALETTE_AFTER_MS = 1_000;

/** What lies over the screen. */
type Over = 'palette' | 'help' | null;
const over = signal<Over>(null);

export function App({ dashboard, openSession }: AppProps): JSX.Element {
  const drawer = useSignal(false);
  const { catalogue, connection, router } = dashboard;
  const close = (): void => {
    over.value = null;
  };
  useEffect(() => {
    // Who presses Ctrl-K types on at once; the palette must be there by then.
    const timer = setTimeout(() => void import('./palette.tsx'), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(
    () =>
      listenForKeys(dashboard, {
        openPalette: () => (over.value = 'palette'),
        openHelp: () => (over.value = 'help'),
      }),
    [dashboard],
  );
  return (
    <div class={isKiosk(router.route.value) ? 'app kiosk' : 'app'}>
      <TopBar
        {...{ dashboard, drawer }}
        onPalette={() => (over.value = 'palette')}
        onHelp={() => (over.value = 'help')}
      />
      <AwayBanner connection={connection} />
      {dashboard.tour.shown.value && <TourCard dashboard={dashboard} tour={dashboard.tour} />}
      {catalogue.locked.value ? (
        <main class="gate-page">
          <TokenGate onToken={openSession} />
        </main>
      ) : (
        <Screen {...{ dashboard, drawer }} key={router.route.value.screen} />
      )}
      <PhoneTabs dashboard={dashboard} />
      {over.value === 'palette' && <Palette dashboard={dashboard} onClose={close} />}
      {over.value === 'help' && <ShortcutsHelp onClose={close} />}
    </div>
  );
}

/** A wall shows the board alone; styles hide the rest. */
function isKiosk({ screen, params }: Route): boolean {
  return screen === 'boards' && params.get('kiosk') === '1';
}

function Screen({ dashboard, drawer }: ScreenProps & { drawer: Signal<boolean> }): JSX.Element {
  switch (dashboard.router.route.value.screen) {
    case 'tail':
      return <TailScreen {...{ dashboard, drawer }} />;
    case 'boards':
      return <BoardsScreen dashboard={dashboard} />;
    case 'alerts':
      return <AlertsScreen dashboard={dashboard} />;
    case 'fleet':
      return <FleetScreen dashboard={dashboard} />;
    case 'explore':
      return <ExploreScreen {...{ dashboard, drawer }} />;
  }
}
