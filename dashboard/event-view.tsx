/** One event as it came, whole up to a bound. */
import type { JSX } from 'preact';
import type { ValueObject } from '../src/model/value.ts';
import { safeLines } from './format.ts';
import { Modal } from './modal.tsx';

export interface EventViewProps {
  readonly event: ValueObject;
  readonly onClose: () => void;
}

/** Lines of an event that are shown. */
const LINES_MAX = 1_000;

export function EventView({ event, onClose }: EventViewProps): JSX.Element {
  return (
    <Modal label="Event" onClose={onClose}>
      <header class="modal-head">
        <h2>Event</h2>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </header>
      <pre class="event-json mono" tabIndex={0}>
        {safeLines(JSON.stringify(event, null, 2), LINES_MAX)}
      </pre>
    </Modal>
  );
}
