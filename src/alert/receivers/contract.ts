/**
 * What a receiver is: a way to tell somebody of a notification. Each kind is a file beside this
 * one: its settings, and what it sends. Retries, order, rate and rest are the outbox's; addresses,
 * time limits and sizes the senders'.
 */
import type { HttpSend } from '../../outbound/http-exchange.ts';
import type { ProgramRun } from '../../outbound/program.ts';
import type { MailSend } from '../../outbound/smtp.ts';
import type { Notification } from '../notify/notification.ts';
import type { FieldReader } from './field-reader.ts';

export interface Receiver {
  /**
   * One attempt. Never rejects for what the other side does. `memo` is what the last attempt of
   * this incident gave back, e.g. the id of a message to edit.
   */
  deliver(notification: Notification, memo: string | null): Promise<Delivery>;
}

export type Delivery =
  /** Taken; or there is nothing that this receiver tells of such a notification (`note`). */
  | { readonly outcome: 'taken'; readonly note: string; readonly memo?: string }
  /** Worth another attempt, not before `afterMs` if that is said. */
  | { readonly outcome: 'retry'; readonly note: string; readonly afterMs?: number }
  /** Will never be taken. */
  | { readonly outcome: 'refused'; readonly note: string };

/** The ways out of the process. */
export interface Senders {
  readonly http: HttpSend;
  readonly mail: MailSend;
  readonly run: ProgramRun;
}

export interface ReceiverParts extends Senders {
  /**
   * Where the picture of the notification's n-th alert can be fetched from the open network; null:
   * nowhere.
   */
  readonly imageUrl: (notification: Notification, alert: number) => string | null;
  /** Of the engine. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** One attempt may take so long. */
  readonly deliveryMs: number;
  readonly responseBytesMax: number;
}

export interface ReceiverKind {
  readonly type: string;
  /** Reads the settings of one receiver; mistakes go to the reader. */
  read(fields: FieldReader): ReceiverFactory;
}

export type ReceiverFactory = (parts: ReceiverParts) => Receiver;

/** One configured receiver. */
export interface ReceiverSpec {
  readonly name: string;
  readonly type: string;
  readonly create: ReceiverFactory;
  /** For views, without secrets; equal texts mean equal settings. */
  readonly shown: Readonly<Record<string, unknown>>;
}
