/**
 * The bounds of what a page keeps and draws. A wall display runs for days, so every list of the
 * dashboard has its limit here; what lies beyond is counted and said, never dropped in silence.
 */

/** Windows of one result kept for its charts (15 minutes of one-second windows). */
export const WINDOWS_MAX = 900;

/** Groups of one result that keep a history; the largest of the newest window win. */
export const GROUPS_MAX = 200;

/** Numeric columns of one result that keep a history, and charts beside each other. */
export const CHART_COLUMNS_MAX = 4;

/** Numeric columns that keep a history: those with charts, and bands around them. */
export const PLOT_COLUMNS_MAX = 12;

/** Buckets of a kept series before the live part. */
export const PAST_BUCKETS_MAX = 1_500;

/** Marks of alerts and annotations on a chart. */
export const MARKS_MAX = 100;

/** Groups of a top list; all of them stand in the table. */
export const TOP_LIST_MAX = 15;

/** Windows of a heat map of buckets. */
export const HEAT_WINDOWS_MAX = 300;

/** Lines in one chart; other groups are counted below it and stand in the table. */
export const LINES_MAX = 8;

/** Rows of one window, over all its parts. */
export const WINDOW_ROWS_MAX = 10_000;

/** Events of a plain filter, newest kept. */
export const EVENTS_MAX = 2_000;

/** Columns of the table, declared and found in rows. */
export const TABLE_COLUMNS_MAX = 40;

/** Gaps remembered of one result. */
export const GAPS_MAX = 50;

/** Reasons for drops told apart; further ones are one sum. */
export const DROP_REASONS_MAX = 20;

/** Streams listed in the panel, and fields of one stream. */
export const STREAMS_SHOWN_MAX = 200;
export const FIELDS_SHOWN_MAX = 100;

/** Characters of a value or name on the page, in UTF-16 code units. */
export const CELL_TEXT_MAX = 160;

/** Characters of a query that travels in the page's address. */
export const ADDRESS_QUERY_MAX = 8_000;

/** First and longest wait before the page tries the engine again, in milliseconds. */
export const RECONNECT_MIN_MS = 250;
export const RECONNECT_MAX_MS = 4_000;

/** A running subscription hears something every second; silent this long, the link is dead. */
export const LINK_SILENCE_MS = 7_000;

/** An `end` followed by a closed link within this time is the engine stopping. */
export const STOP_MS = 5_000;

/** How often the page pings and looks at the link's silence. */
export const LINK_CHECK_MS = 2_000;

/** How often streams and status are asked for. */
export const CATALOGUE_POLL_MS = 2_000;

/** Wait after a keystroke before the engine checks the query. */
export const CHECK_DEBOUNCE_MS = 250;

/** Wait after a keystroke before the planner is asked what a query would cost. */
export const COST_DEBOUNCE_MS = 600;

/** How often the page asks what fires, and how often a screen asks for what it shows. */
export const FIRING_POLL_MS = 3_000;
export const SCREEN_POLL_MS = 2_000;
export const SAVED_POLL_MS = 15_000;

/** Firing alerts that the page reads and draws; the engine's own list has more if it must. */
export const FIRING_READ_MAX = 5_000;
export const ALERTS_SHOWN_MAX = 200;

/** Rows of the other lists: rules, silences, transitions, deliveries, agents, queries. */
export const LIST_SHOWN_MAX = 500;

/** Labels of one alert beside each other. */
export const LABELS_SHOWN_MAX = 12;

/** Entries of the palette. */
export const PALETTE_SHOWN_MAX = 50;

/** Queries that the browser remembers. */
export const QUERY_HISTORY_MAX = 50;

/** What "what differs" compares: fields of one stream, values of one field that are told apart. */
export const FACET_FIELDS_MAX = 12;
export const FACET_VALUES_MAX = 12;

/** Groups, windows and counts that it keeps; the oldest windows go first. */
export const FACET_GROUPS_MAX = 60;
export const FACET_WINDOWS_MAX = 450;
export const FACET_COUNTS_MAX = 300_000;

/** Differences that are listed. */
export const DIFFERENCES_SHOWN_MAX = 12;

/** Events a second that a tail brings; beyond, it is a sample. */
export const TAIL_EVENTS_PER_SECOND = 250;

/** Events that a tail keeps, newest kept. */
export const TAIL_EVENTS_MAX = 5_000;

/** Columns of a tail that somebody picked. */
export const TAIL_COLUMNS_MAX = 12;

/** Seconds of matches drawn above a tail. */
export const TAIL_SECONDS_SHOWN = 90;

/** Columns of a board's grid, and pixels of one of its rows. */
export const BOARD_COLUMNS = 12;
export const BOARD_ROW_PX = 46;

/** Boards listed, and values of one variable. */
export const BOARDS_SHOWN_MAX = 500;
export const VARIABLE_VALUES_MAX = 200;

/** Annotations read at once. */
export const ANNOTATIONS_READ_MAX = 100;
