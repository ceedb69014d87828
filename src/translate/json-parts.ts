/**
 * How many objects and lists a JSON text would become, counted before it is parsed: `{},{},…` takes
 * three bytes each and some fifty as objects. Texts that are too short to have too many are not
 * looked at, so bodies of an ordinary size cost nothing.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
/** Of the shortest object or list, with the comma behind it. */
const PART_BYTES_MIN = 2;

export function hasMoreParts(json: Uint8Array, partsMax: number): boolean {
  if (json.length < partsMax * PART_BYTES_MIN) return false;
  let parts = 0;
  let isText = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i];
    if (isText) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if ((byte === OPEN_OBJECT || byte === OPEN_LIST) && ++parts > partsMax) return true;
  }
  return false;
}
